package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The headers that tell backends about the client that a request is made for. For applications that relay requests. Off
 * by default.
 *
 * <p>The client's address, and how it reached the application, come from a {@link InboundRequest} that the application
 * puts into the request as a tag; without one, the address comes from {@code LoadBalancing.builder().clientAddress(…)}
 * and the rest from the request's logical URL. Existing headers are never a source. A redirect to another host gets
 * none of these headers.
 *
 * @param forwardedFor of {@code X-Forwarded-For}: the client's address
 * @param host of {@code X-Forwarded-Host}
 * @param proto of {@code X-Forwarded-Proto}
 * @param port of {@code X-Forwarded-Port}
 * @param forwarded of {@code Forwarded} (RFC 7239): for, host and proto in one
 * @param requestId of the header {@code requestIdHeader}: 32 random hexadecimal digits, the same for all attempts
 * @param requestIdHeader its name
 */
public record ForwardedHeaders(
        Mode forwardedFor, Mode host, Mode proto, Mode port, Mode forwarded, Mode requestId, String requestIdHeader) {
    /** What is done with a header. */
    public enum Mode {
        /** It stays as the application wrote it. */
        OFF,
        /**
         * The known value is added at the end of {@code X-Forwarded-For} and {@code Forwarded}, which are lists. The
         * other headers are set unless they are present. An unknown address is left out of
         * {@code X-Forwarded-For}, and is {@code unknown} in {@code Forwarded}.
         */
        APPEND,
        /** The known value replaces the header. Without a known value the header is removed. */
        SET,
        /** The header is removed. */
        REMOVE
    }

    /** Everything stays as the application wrote it. */
    public static final ForwardedHeaders OFF = all(Mode.OFF);

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if something is null, or the name is no token
     */
    public ForwardedHeaders {
        for (Mode mode : new Mode[] {forwardedFor, host, proto, port, forwarded, requestId}) {
            Preconditions.notNull(mode, "mode");
        }
        Preconditions.token(requestIdHeader, "requestIdHeader");
    }

    /**
     * The four {@code X-Forwarded-…} headers, as most proxies send them.
     *
     * @param mode what becomes of them
     * @return the policy; {@code Forwarded} and the request id are off
     */
    public static ForwardedHeaders xForwarded(Mode mode) {
        return new ForwardedHeaders(mode, mode, mode, mode, Mode.OFF, Mode.OFF, "X-Request-Id");
    }

    /**
     * {@code Forwarded} alone.
     *
     * @param mode what becomes of it
     * @return the policy; {@code X-Forwarded-…} and the request id are off
     */
    public static ForwardedHeaders rfc7239(Mode mode) {
        return new ForwardedHeaders(Mode.OFF, Mode.OFF, Mode.OFF, Mode.OFF, mode, Mode.OFF, "X-Request-Id");
    }

    /**
     * Every header.
     *
     * @param mode what becomes of them; {@link Mode#REMOVE} tells the backends nothing, whatever the application wrote
     * @return the policy
     */
    public static ForwardedHeaders all(Mode mode) {
        return new ForwardedHeaders(mode, mode, mode, mode, mode, mode, "X-Request-Id");
    }

    /**
     * Sets what is done with the request id.
     *
     * @param mode {@link Mode#APPEND} makes one unless there is one
     * @param header its name, such as {@code X-Request-Id}
     * @return another policy
     * @throws IllegalArgumentException if the name is no token
     */
    public ForwardedHeaders requestId(Mode mode, String header) {
        return new ForwardedHeaders(forwardedFor, host, proto, port, forwarded, mode, header);
    }

    /**
     * The headers of a request under this policy.
     *
     * @param request as the application wrote it
     * @param client the address of the client; null if unknown. A {@link InboundRequest} of the request has precedence
     * @return the request's own if nothing changes
     */
    public Headers apply(Request request, @Nullable InetAddress client) {
        if (equals(OFF)) {
            return request.headers();
        }
        InboundRequest relayed = request.tag(InboundRequest.class);
        HttpUrl url = request.url();
        InetAddress address = relayed == null ? client : relayed.client();
        String givenHost = relayed == null ? null : relayed.host();
        String toldHost = givenHost == null ? hostOf(url) : givenHost;
        String givenProto = relayed == null ? null : relayed.proto();
        String toldProto = givenProto == null ? url.scheme() : givenProto;
        int givenPort = relayed == null ? 0 : relayed.port();
        int toldPort = givenPort == 0 ? url.port() : givenPort;

        Headers.Builder headers = request.headers().newBuilder();
        list(headers, request, "X-Forwarded-For", forwardedFor, address == null ? null : text(address));
        single(headers, request, "X-Forwarded-Host", host, toldHost);
        single(headers, request, "X-Forwarded-Proto", proto, toldProto);
        single(headers, request, "X-Forwarded-Port", port, Integer.toString(toldPort));
        list(headers, request, "Forwarded", forwarded, element(address, toldHost, toldProto));
        if (requestId != Mode.OFF) {
            single(headers, request, requestIdHeader, requestId, requestId == Mode.REMOVE ? "" : randomId());
        }
        return headers.build();
    }

    /**
     * The headers that are not left as they are.
     *
     * @return their names, in lower case
     */
    public Set<String> names() {
        Set<String> names = new TreeSet<>();
        add(names, forwardedFor, "x-forwarded-for");
        add(names, host, "x-forwarded-host");
        add(names, proto, "x-forwarded-proto");
        add(names, port, "x-forwarded-port");
        add(names, forwarded, "forwarded");
        add(names, requestId, requestIdHeader.toLowerCase(Locale.ROOT));
        return names;
    }

    private static void add(Set<String> names, Mode mode, String name) {
        if (mode != Mode.OFF) {
            names.add(name);
        }
    }

    private static void list(Headers.Builder headers, Request request, String name, Mode mode, @Nullable String value) {
        List<String> present = mode == Mode.APPEND ? request.headers(name) : List.of();
        if (mode == Mode.OFF || (mode == Mode.APPEND && value == null)) {
            return;
        }
        headers.removeAll(name);
        if (mode != Mode.REMOVE && value != null) {
            headers.add(name, present.isEmpty() ? value : String.join(", ", present) + ", " + value);
        }
    }

    private static void single(Headers.Builder headers, Request request, String name, Mode mode, String value) {
        switch (mode) {
            case OFF -> {}
            case REMOVE -> headers.removeAll(name);
            case SET -> headers.set(name, value);
            case APPEND -> {
                if (request.header(name) == null) {
                    headers.set(name, value);
                }
            }
        }
    }

    /** RFC 7239 section 4: values that are no tokens are quoted, IPv6 addresses stand in brackets. */
    private static String element(@Nullable InetAddress address, String host, String proto) {
        String node = "unknown";
        if (address != null) {
            String text = text(address);
            node = text.indexOf(':') >= 0 ? "\"[" + text + "]\"" : text;
        }
        return "for=" + node + ";host=" + (host.matches("[\\w.~-]+") ? host : "\"" + host + "\"") + ";proto=" + proto;
    }

    /** As RFC 5952 writes it, without a scope, which means nothing to others. */
    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        String bare = scope < 0 ? text : text.substring(0, scope);
        return new HttpUrl.Builder().scheme("http").host(bare).build().host();
    }

    /** As in a {@code Host} header. */
    private static String hostOf(HttpUrl url) {
        String host = url.host().indexOf(':') >= 0 ? "[" + url.host() + "]" : url.host();
        return url.port() == HttpUrl.defaultPort(url.scheme()) ? host : host + ":" + url.port();
    }

    private static String randomId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return String.format(Locale.ROOT, "%016x%016x", random.nextLong(), random.nextLong());
    }
}
