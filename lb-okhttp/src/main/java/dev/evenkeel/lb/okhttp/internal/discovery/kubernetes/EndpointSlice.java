package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.Set;

/**
 * The part of one EndpointSlice that matters here.
 *
 * @param name unique in its namespace
 * @param version the object's resourceVersion
 * @param endpoints the endpoints that could be read
 * @param skipped how many cannot
 * @param fault what is wrong with the first of these; empty if there is none
 */
record EndpointSlice(String name, String version, List<Endpoint> endpoints, int skipped, String fault) {

    /**
     * One endpoint.
     *
     * @param backend its description
     * @param ready takes new calls
     * @param serving answers, though it may be about to end
     * @param ipv6 whether its address is one of IPv6
     * @param uid of its pod; empty if it has none
     * @param forZones the zones that are advised to use it
     */
    record Endpoint(Backend backend, boolean ready, boolean serving, boolean ipv6, String uid, Set<String> forZones) {}

    /** This slice with a fault: it has changed into something that cannot be read. */
    EndpointSlice spoilt(String newVersion, String newFault) {
        return new EndpointSlice(name, newVersion, endpoints, 1, newFault);
    }
}
