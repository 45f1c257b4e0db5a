package dev.evenkeel.lb;

import java.util.List;

/**
 * What a pool looked like at one moment.
 *
 * @param pool the pool's name
 * @param strategy the strategy's name
 * @param version how many times the pool has published a new view; never falls
 * @param closed whether the pool is closed
 * @param tiers one entry a tier that has backends, in the order of their priority; none if the pool is closed
 * @param backends one entry a backend, in the order of the list
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
}
