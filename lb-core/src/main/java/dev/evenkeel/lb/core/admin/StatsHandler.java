package dev.evenkeel.lb.core.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Serves a {@link StatsPage} from the JDK's {@code HttpServer}.
 *
 * <pre>{@code
 * HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8081), 0);
 * server.createContext("/pools", StatsHandler.of(StatsPage.of(users)));
 * server.setExecutor(Executors.newFixedThreadPool(4)); // without, a slow client blocks all of them
 * server.start();
 * }</pre>
 *
 * <p>Answers only clients on this machine that address it as such (so that a foreign page cannot make a browser send
 * requests by a name of its own), unless {@linkplain Builder#hosts other names are set}. {@code ?format=json} gives
 * JSON, {@code ?format=csv} CSV, anything else the page. Controls are off unless they are {@linkplain Builder#controls switched on} with a
 * predicate that decides which requests may use them; then each form has a token of this handler, and a form without
 * it, or from another site, is refused.
 *
 * <p>Thread-safe.
 */
public final class StatsHandler implements HttpHandler {
    private static final int MAX_FORM_BYTES = 4_096;
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final StatsPage page;
    private final ClientCheck clients;
    private final @Nullable Predicate<? super HttpExchange> authorizer;
    private final String token = random();

    private StatsHandler(Builder builder) {
        page = builder.page;
        clients = new ClientCheck(builder.hosts);
        authorizer = builder.authorizer;
    }

    /**
     * A read-only handler for clients on this machine.
     *
     * @param page the page to serve
     * @return a handler
     */
    public static StatsHandler of(StatsPage page) {
        return builder(page).build();
    }

    /**
     * Creates a builder with the defaults.
     *
     * @param page the page to serve
     * @return a builder
     */
    public static Builder builder(StatsPage page) {
        return new Builder(page);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!clients.isAddressed(exchange)) {
                answer(exchange, 403, "text/plain", clients.rule() + "\n");
                return;
            }
            switch (exchange.getRequestMethod()) {
                case "GET", "HEAD" -> show(exchange);
                case "POST" -> change(exchange);
                default -> {
                    exchange.getResponseHeaders().set("Allow", "GET, HEAD, POST");
                    answer(exchange, 405, "text/plain", "only GET, HEAD and POST\n");
                }
            }
        }
    }

    private void show(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        String format = query == null ? "" : FormFields.parse(query).getOrDefault("format", "");
        if (format.equals("json")) {
            answer(exchange, 200, "application/json", page.json());
            return;
        }
        if (format.equals("csv")) {
            exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=\"pools.csv\"");
            answer(exchange, 200, "text/csv", page.csv());
            return;
        }
        String nonce = random();
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'nonce-" + nonce + "'; script-src 'nonce-" + nonce
                                + "'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none';"
                                + " frame-ancestors 'none'");
        answer(exchange, 200, "text/html", page.html(nonce, mayControl(exchange) ? token : null));
    }

    private boolean mayControl(HttpExchange exchange) {
        return authorizer != null && authorizer.test(exchange);
    }

    private void change(HttpExchange exchange) throws IOException {
        if (!mayControl(exchange)) {
            answer(exchange, 403, "text/plain", "controls are off, or not for you\n");
            return;
        }
        byte[] body;
        try (InputStream in = exchange.getRequestBody()) {
            body = in.readNBytes(MAX_FORM_BYTES + 1);
        }
        if (body.length > MAX_FORM_BYTES) {
            answer(exchange, 413, "text/plain", "a form has at most " + MAX_FORM_BYTES + " bytes\n");
            return;
        }
        if (!ClientCheck.isFromHere(exchange.getRequestHeaders())) {
            answer(exchange, 403, "text/plain", "a form of another site's: only this page's own are taken\n");
            return;
        }
        Map<String, String> form = FormFields.parse(new String(body, StandardCharsets.UTF_8));
        if (!hasToken(form)) {
            answer(exchange, 403, "text/plain", "not a form of this page as it is now: load it again\n");
            return;
        }
        try {
            StatsActions.apply(page, form);
        } catch (IllegalArgumentException | IllegalStateException e) {
            answer(exchange, 400, "text/plain", e.getMessage() + "\n");
            return;
        }
        LOG.log(System.Logger.Level.INFO, () -> who(exchange) + " asked for " + StatsActions.told(form));
        exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getRawPath());
        answer(exchange, 303, "text/plain", "done\n");
    }

    private static String who(HttpExchange exchange) {
        HttpPrincipal principal = exchange.getPrincipal();
        String address = exchange.getRemoteAddress().getAddress().getHostAddress();
        return principal == null ? address : principal.getUsername() + " (" + address + ")";
    }

    private boolean hasToken(Map<String, String> form) {
        byte[] given = form.getOrDefault("token", "").getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, token.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "same-origin");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static String random() {
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Builds a handler. Reusable; not thread-safe. */
    public static final class Builder {
        private final StatsPage page;
        private final Set<String> hosts = new TreeSet<>();
        private @Nullable Predicate<? super HttpExchange> authorizer;

        private Builder(StatsPage page) {
            this.page = page;
        }

        /**
         * Responds to clients on other machines too, if they address this server by one of these names. Protect such a
         * server with an {@link com.sun.net.httpserver.Authenticator} and TLS.
         *
         * @param names as in the Host header, without the port
         * @return this
         */
        public Builder hosts(String... names) {
            for (String name : names) {
                if (name.isBlank()) {
                    throw new IllegalArgumentException("host must not be blank: \"" + name + "\"");
                }
                hosts.add(name.toLowerCase(Locale.ROOT));
            }
            return this;
        }

        /**
         * Enables the controls: drain, maintenance, activate, weight.
         *
         * @param whoMay called for each request; a request that it rejects gets the page without controls
         * @return this
         */
        public Builder controls(Predicate<? super HttpExchange> whoMay) {
            authorizer = whoMay;
            return this;
        }

        /**
         * Builds the handler.
         *
         * @return a handler with a token of its own
         */
        public StatsHandler build() {
            return new StatsHandler(this);
        }
    }
}
