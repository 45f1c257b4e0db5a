package dev.evenkeel.lb;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * State of a pool at one moment.
 *
 * @param pool the pool's name
 * @param strategy the strategy's name
 * @param version the number of snapshots that the pool has published; never decreases
 * @param closed whether the pool is closed
 * @param tiers one entry per tier that has backends, in the order of their priority; none if the pool is closed
 * @param backends one entry per backend, in the order of the list
 */
public record PoolSnapshot(
        String pool,
        String strategy,
        long version,
        boolean closed,
        List<TierStatus> tiers,
        List<BackendStatus> backends) {

    public PoolSnapshot {
        tiers = List.copyOf(tiers);
        backends = List.copyOf(backends);
    }

    /**
     * The status of one backend.
     *
     * @param id the backend's id
     * @return its status
     * @throws IllegalArgumentException if there is no such backend
     */
    public BackendStatus backend(String id) {
        for (BackendStatus status : backends) {
            if (status.backend().id().equals(id)) {
                return status;
            }
        }
        throw new IllegalArgumentException("pool \"" + pool + "\" has no backend \"" + id + "\"; it has "
                + backends.stream().map(status -> status.backend().id()).toList());
    }

    /**
     * The status of one tier.
     *
     * @param priority which
     * @return its status
     * @throws IllegalArgumentException if no backend has this priority
     */
    public TierStatus tier(int priority) {
        for (TierStatus status : tiers) {
            if (status.priority() == priority) {
                return status;
            }
        }
        throw new IllegalArgumentException("pool \"" + pool + "\" has no tier " + priority + "; it has "
                + tiers.stream().map(TierStatus::priority).toList());
    }

    /**
     * Calls in flight over all backends.
     *
     * @return at least 0
     */
    public int inFlight() {
        return backends.stream().mapToInt(BackendStatus::inFlight).sum();
    }

    /**
     * One failover tier at one moment: how it is, and what it gets.
     *
     * @param priority which tier
     * @param backends how many belong to it, without backends that are leaving
     * @param healthyPercent how much of what no operator has taken out is healthy or degraded, 0 to 100
     * @param loadPercent its share of the traffic, 0 to 100
     * @param degradedLoadPercent the part of {@code loadPercent} that goes to its degraded backends
     * @param panic whether it is in panic
     * @param zonePercents the shares of its zones in the traffic of its healthy backends; empty if zones do not matter now
     */
    public record TierStatus(
            int priority,
            int backends,
            int healthyPercent,
            int loadPercent,
            int degradedLoadPercent,
            boolean panic,
            Map<String, Double> zonePercents) {

        public TierStatus {
            zonePercents = zonePercents.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(zonePercents));
        }
    }
}
