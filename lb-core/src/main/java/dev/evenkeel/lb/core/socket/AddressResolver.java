package dev.evenkeel.lb.core.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Finds the addresses of a backend that is named by a host name. Called on the thread that connects; it may block.
 * Never called for an IP literal.
 */
@FunctionalInterface
public interface AddressResolver {

    /**
     * Finds addresses.
     *
     * @param host a host name
     * @return at least one, in the order in which they are to be tried
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
