package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Health;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Locality;
import java.util.function.LongUnaryOperator;

/**
 * Maps endpoints to backends. One that is unhealthy or draining is not in the list, one that cannot be read is left out
 * and reported.
 *
 * @param scheme of the backends
 * @param localityWeights whether the weights of localities count
 */
public record LoadAssignmentMapper(String scheme, boolean localityWeights) {

    InstanceList list(LoadAssignment assignment) throws MalformedAnswerException {
        LocalityWeights weights = localityWeights ? LocalityWeights.of(assignment) : null;
        InstanceList.Builder listing = new InstanceList.Builder();
        for (Locality locality : assignment.localities()) {
            if (weights != null && locality.weight() == 0) {
                continue;
            }
            LongUnaryOperator weight = weights == null ? given -> given : weights.in(locality);
            for (Endpoint endpoint : locality.endpoints()) {
                if (isUsable(endpoint)) {
                    add(listing, locality, endpoint, weight);
                }
            }
        }
        return listing.build();
    }

    static boolean isUsable(Endpoint endpoint) {
        long health = endpoint.health();
        return health != Health.UNHEALTHY && health != Health.DRAINING && health != Health.TIMEOUT;
    }

    private void add(InstanceList.Builder listing, Locality locality, Endpoint endpoint, LongUnaryOperator weight)
            throws MalformedAnswerException {
        Backend backend;
        try {
            backend = backend(locality, endpoint, weight);
        } catch (IllegalArgumentException e) {
            listing.skip("endpoint " + endpoint.address() + ":" + endpoint.port() + ": " + e.getMessage());
            return;
        }
        listing.add(backend);
    }

    private Backend backend(Locality locality, Endpoint endpoint, LongUnaryOperator weight) {
        Backend.Builder backend = InstanceMapper.backend(scheme, endpoint.address(), small(endpoint.port()))
                .weight(small(weight.applyAsLong(Backend.checkWeight(small(endpoint.weight())))))
                .priority(small(locality.priority()));
        if (!locality.zone().isEmpty()) {
            backend.zone(locality.zone());
        }
        endpoint.metadata().forEach(backend::metadata);
        InstanceMapper.metadata(backend, "xds.region", locality.region());
        InstanceMapper.metadata(backend, "xds.sub_zone", locality.subZone());
        InstanceMapper.metadata(backend, "xds.health", endpoint.health() == Health.DEGRADED ? "DEGRADED" : "");
        return backend.build();
    }

    /** What is too large for an int is too large for each of these values, whose own check refuses it. */
    private static int small(long value) {
        return (int) Math.min(value, Integer.MAX_VALUE);
    }
}
