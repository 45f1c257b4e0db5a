package dev.evenkeel.lb.okhttp.affinity;

import java.net.InetAddress;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Finds the address of the client that a request is made for, which {@code ipHash} uses. A gateway knows it; a service
 * that calls for itself has none.
 *
 * <p>Asked once a call, on the calling thread; must be cheap and must not look up names. If it throws, the call fails
 * with an IOException that says so.
 */
@FunctionalInterface
public interface ClientAddress {

    /**
     * Finds the address.
     *
     * @param request as the application wrote it
     * @return the address; null if unknown: then all such requests count as one client, as in nginx
     */
    @Nullable
    InetAddress of(Request request);

    /**
     * The {@link InetAddress} that the application put into the request: {@code .tag(InetAddress.class, address)}.
     *
     * @return the address
     */
    static ClientAddress tag() {
        return request -> request.tag(InetAddress.class);
    }

    /**
     * The address in the first element of the request's {@code X-Forwarded-For}: the client that the first proxy saw.
     * Only for requests whose header comes from a proxy that you trust.
     *
     * @return the address; null if there is no such header, or its first element is no address
     */
    static ClientAddress forwardedFor() {
        return request -> ForwardedFor.first(request.header("X-Forwarded-For"));
    }

    /**
     * The address in the first element of the request's {@code Forwarded} (RFC 7239): the client that the first proxy
     * saw. Only for requests whose header comes from a proxy that you trust.
     *
     * @return the address; null if there is no such header, or the client in it is unknown or obfuscated
     */
    static ClientAddress forwarded() {
        return request -> ForwardedFor.firstForwarded(request.header("Forwarded"));
    }

    /**
     * This address, or another one if it is unknown.
     *
     * @param other asked if this finds null
     * @return the address
     */
    default ClientAddress or(ClientAddress other) {
        return request -> {
            InetAddress address = of(request);
            return address == null ? other.of(request) : address;
        };
    }
}
