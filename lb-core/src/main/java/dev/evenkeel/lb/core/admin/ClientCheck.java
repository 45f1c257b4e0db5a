package dev.evenkeel.lb.core.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which clients a handler answers: clients on this machine, and clients that address it by one of its names. A foreign
 * page that makes a browser send a request fails by its host or its origin.
 */
final class ClientCheck {
    private final Set<String> hosts;

    /** Permits names in lower case, without a port. */
    ClientCheck(Set<String> hosts) {
        this.hosts = new TreeSet<>(hosts);
    }

    /** The rule for a client that it does not permit. */
    String rule() {
        return "only for clients on this machine, by the name localhost"
                + (hosts.isEmpty() ? "" : ", or for clients that ask for it as " + String.join(" or ", hosts));
    }

    /** Whether the client is on a permitted machine and addresses this server. */
    boolean isAddressed(HttpExchange exchange) {
        InetAddress client = exchange.getRemoteAddress().getAddress();
        String host = hostOf(exchange.getRequestHeaders().getFirst("Host"));
        return hosts.contains(host) || (client.isLoopbackAddress() && isLoopback(host));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
    }

    private static String hostOf(@Nullable String header) {
        if (header == null) {
            return "";
        }
        int colon = header.lastIndexOf(':');
        String host = colon > header.lastIndexOf(']') ? header.substring(0, colon) : header;
        return host.toLowerCase(Locale.ROOT);
    }

    /** Whether a form comes from a page of this server. */
    static boolean isFromHere(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin")) {
            return false;
        }
        String origin = headers.getFirst("Origin");
        return origin == null || isOwn(origin, headers.getFirst("Host"));
    }

    private static boolean isOwn(String origin, @Nullable String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
