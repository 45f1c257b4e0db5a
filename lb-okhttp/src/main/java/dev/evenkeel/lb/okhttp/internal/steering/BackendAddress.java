package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.socket.IpLiterals;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The address that a backend listens at.
 *
 * @param host a host name or an IP literal without brackets
 * @param port 1 to 65,535
 * @param literal the address if the host is an IP literal
 */
public record BackendAddress(
        String host, int port, @Nullable InetAddress literal) {

    static BackendAddress of(Backend backend) {
        String host = backend.host();
        return new BackendAddress(host, backend.port(), literal(host));
    }

    /** The address if a host is one, else null. */
    static @Nullable InetAddress literal(String host) {
        return IpLiterals.isLiteral(host) ? parse(host) : null;
    }

    /** A backend as messages name it: id and URI, or the URI alone where it says as much as the id. */
    public static String describe(Backend backend) {
        String uri = backend.uri().toString();
        return uri.endsWith("://" + backend.id()) ? uri : backend.id() + " (" + uri + ")";
    }

    private static @Nullable InetAddress parse(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            // A scope that this machine does not have: the call fails with it.
            return null;
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
