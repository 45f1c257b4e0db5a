package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import java.util.List;
import java.util.Map;

/**
 * The endpoints of a cluster as a control plane sends them, not checked yet: a {@code ClusterLoadAssignment}.
 *
 * @param localities in the order of the message
 */
record LoadAssignment(List<Locality> localities) {

    /**
     * The endpoints of one locality and priority.
     *
     * @param weight its share of the calls of its priority; 0 if it has none
     * @param priority 0 is used first
     */
    record Locality(String region, String zone, String subZone, long weight, long priority, List<Endpoint> endpoints) {}

    /**
     * One endpoint.
     *
     * @param address a host name or an IP address; empty if the endpoint is of another kind
     * @param port the port; 0 if it has none
     * @param health a number of {@link Health}
     * @param weight 1 if the message does not say it
     * @param metadata what is under {@code envoy.lb}: texts, numbers and flags
     */
    record Endpoint(String address, long port, long health, long weight, Map<String, String> metadata) {}

    /** The numbers of {@code HealthStatus} that make a difference here. */
    static final class Health {
        static final long UNHEALTHY = 2;
        static final long DRAINING = 3;
        static final long TIMEOUT = 4;
        static final long DEGRADED = 5;

        private Health() {}
    }
}
