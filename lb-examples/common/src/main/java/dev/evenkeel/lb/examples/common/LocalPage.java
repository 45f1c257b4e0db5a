package dev.evenkeel.lb.examples.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A page on loopback, with nothing from elsewhere: files of the class path, figures as JSON, and actions.
 *
 * <p>Other sites that are open in the same browser can do nothing here. A request is answered only if it names this server as
 * {@code localhost}, {@code 127.0.0.1} or {@code [::1]} in {@code Host}, so that no name that points here from elsewhere is
 * served. An action is a POST of JSON, which browsers do not send across sites without asking first; its {@code Origin} and
 * {@code Sec-Fetch-Site}, if there, must be this page's.
 */
public final class LocalPage implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 16_384;
    private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        // Without it each answer on a kept connection waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** What a POST does. */
    @FunctionalInterface
    public interface Action {
        /**
         * Does it.
         *
         * @param body what was sent
         * @throws IllegalArgumentException if that makes no sense; its message is the answer
         * @throws IOException if it cannot be done; its message is the answer
         */
        void run(JsonNode body) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService workers = Executors.newFixedThreadPool(4, task -> {
        Thread thread = new Thread(task, "local-page");
        thread.setDaemon(true);
        return thread;
    });

    private LocalPage(HttpServer server) {
        this.server = server;
        server.setExecutor(workers);
    }

    /**
     * Starts a server without anything on it but the common style, {@code /style.css}.
     *
     * @param port where; 0 for any
     * @return the page; close it
     * @throws IOException if the port is taken
     */
    public static LocalPage start(int port) throws IOException {
        LocalPage page = new LocalPage(HttpServer.create(new InetSocketAddress(loopback(), port), 0));
        page.file("/style.css", LocalPage.class, "style.css");
        page.server.start();
        return page;
    }

    /**
     * The address that pages are on, whatever the system prefers.
     *
     * @return 127.0.0.1
     */
    public static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    /**
     * Serves a file of the class path.
     *
     * @param path where
     * @param owner a class beside which it lies
     * @param name its name
     * @return this
     * @throws IOException if it is not there
     */
    public LocalPage file(String path, Class<?> owner, String name) throws IOException {
        byte[] content;
        try (InputStream in = Objects.requireNonNull(owner.getResourceAsStream(name), name)) {
            content = in.readAllBytes();
        }
        handle(path, "GET", exchange -> answer(exchange, 200, typeOf(name), content));
        return this;
    }

    /**
     * Serves what is asked for anew each time, as JSON.
     *
     * @param path where
     * @param figures records, lists, maps
     * @return this
     */
    public LocalPage figures(String path, Supplier<?> figures) {
        handle(
                path,
                "GET",
                exchange -> answer(exchange, 200, "application/json", JSON.writeValueAsBytes(figures.get())));
        return this;
    }

    /**
     * Takes orders.
     *
     * @param path where
     * @param action what to do
     * @return this
     */
    public LocalPage action(String path, Action action) {
        handle(path, "POST", exchange -> act(exchange, action));
        return this;
    }

    /**
     * Where it is.
     *
     * @return a URL that ends in a slash
     */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private void handle(String path, String method, Answer answer) {
        server.createContext(path, exchange -> {
            try (exchange) {
                if (!NAMES.contains(hostOf(exchange.getRequestHeaders().getFirst("Host")))) {
                    refuse(exchange, 403, "only by the name localhost");
                } else if (!exchange.getRequestURI().getPath().equals(path)) {
                    refuse(exchange, 404, "nothing here");
                } else if (!exchange.getRequestMethod().equals(method)) {
                    exchange.getResponseHeaders().set("Allow", method);
                    refuse(exchange, 405, "only " + method);
                } else {
                    answer.to(exchange);
                }
            }
        });
    }

    private static void act(HttpExchange exchange, Action action) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        String type = Objects.requireNonNullElse(headers.getFirst("Content-Type"), "");
        if (!isOwn(headers)) {
            refuse(exchange, 403, "only from this page");
            return;
        } else if (!type.startsWith("application/json")) {
            refuse(exchange, 415, "only application/json");
            return;
        }
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            refuse(exchange, 413, "at most " + MAX_BODY_BYTES + " bytes");
            return;
        }
        try {
            action.run(JSON.readTree(body));
        } catch (JsonProcessingException e) {
            refuse(exchange, 400, "not JSON");
            return;
        } catch (IllegalArgumentException e) {
            refuse(exchange, 400, String.valueOf(e.getMessage()));
            return;
        } catch (IOException e) {
            refuse(exchange, 409, String.valueOf(e.getMessage()));
            return;
        }
        answer(exchange, 200, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isOwn(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        String origin = headers.getFirst("Origin");
        return (site == null || site.equals("same-origin"))
                && (origin == null || origin.equals("http://" + headers.getFirst("Host")));
    }

    private static String hostOf(@Nullable String header) {
        if (header == null) {
            return "";
        }
        int colon = header.lastIndexOf(':');
        return (colon > header.lastIndexOf(']') ? header.substring(0, colon) : header).toLowerCase(Locale.ROOT);
    }

    private static String typeOf(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html";
            case "css" -> "text/css";
            case "js" -> "text/javascript";
            default -> throw new IllegalArgumentException("file must end in html, css or js: \"" + name + "\"");
        };
    }

    private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
        answer(exchange, status, "text/plain", (why + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Content-Security-Policy", POLICY);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "same-origin");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
