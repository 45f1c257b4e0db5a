package dev.evenkeel.lb.core.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Resolves the host name of a backend. Called on the connecting thread; it may block. Never called for an IP literal.
 */
@FunctionalInterface
public interface AddressResolver {

    /**
     * Resolves a host name.
     *
     * @param host a host name
     * @return at least one address, in the order in which to try them
     * @throws IOException if there is none
     */
    List<InetAddress> resolve(String host) throws IOException;

    /**
     * The JDK's resolver, with its cache.
     *
     * @return a resolver
     */
    static AddressResolver system() {
        return host -> List.of(InetAddress.getAllByName(host));
    }
}
