package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.net.InetAddress;
import java.util.Locale;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The inbound side of a request that an application relays, for {@link ForwardedHeaders}. Put into the outgoing request
 * with {@code .tag(InboundRequest.class, new InboundRequest(…))}.
 *
 * @param client the address of the peer that sent it
 * @param host the host that it was sent to, as in its {@code Host} header; null for the outgoing URL's
 * @param proto {@code http} or {@code https}; null for the outgoing URL's
 * @param port the port that it was sent to, 1 to 65,535; 0 for the outgoing URL's
 */
public record InboundRequest(
        InetAddress client, @Nullable String host, @Nullable String proto, int port) {

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if one is not what it should be: nothing that could be a header of its own
     *     passes
     */
    public InboundRequest {
        Preconditions.notNull(client, "client");
        if (host != null && HttpUrl.parse("http://" + host + "/") == null) {
            throw new IllegalArgumentException(
                    "host must be a host with or without a port: \"" + Preconditions.printable(host) + "\"");
        }
        if (host != null) {
            for (int i = 0; i < host.length(); i++) {
                if ("[]:.-_~".indexOf(host.charAt(i)) < 0 && !isAsciiAlphanumeric(host.charAt(i))) {
                    throw new IllegalArgumentException(
                            "host must be a host with or without a port: \"" + Preconditions.printable(host) + "\"");
                }
            }
        }
        if (proto != null) {
            proto = proto.toLowerCase(Locale.ROOT);
            if (!proto.equals("http") && !proto.equals("https")) {
                throw new IllegalArgumentException(
                        "proto must be http or https: \"" + Preconditions.printable(proto) + "\"");
            }
        }
        Preconditions.within(port, 0, 65_535, "port");
    }

    private static boolean isAsciiAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
