package dev.evenkeel.lb;

import dev.evenkeel.lb.Unavailable.Occupancy;

/**
 * A pool turned a request away although backends could serve it: the pool, or each of these backends, had as many calls
 * in flight as it may have, and the request could not wait, or has waited too long. A server that gets it answers best
 * with 503: the way out is less load, or more backends.
 */
public final class PoolFullException extends NoBackendAvailableException {
    private static final long serialVersionUID = 1L;

    private final transient Occupancy occupancy;

    PoolFullException(Unavailable unavailable, Occupancy occupancy) {
        super(unavailable);
        this.occupancy = occupancy;
    }

    /**
     * The numbers.
     *
     * @return limit, calls in flight, requests queued, time waited
     */
    public Occupancy occupancy() {
        return occupancy;
    }
}
