package dev.evenkeel.lb;

import dev.evenkeel.lb.Unavailable.Occupancy;

/**
 * Thrown if a pool refused a request although backends could serve it: the pool, or each of these backends, had reached
 * its limit of calls in flight, and the request could not wait, or has waited too long. A server should respond with
 * 503: the remedy is less load, or more backends.
 */
public final class PoolFullException extends NoBackendAvailableException {
    private static final long serialVersionUID = 1L;

    private final transient Occupancy occupancy;

    PoolFullException(Unavailable unavailable, Occupancy occupancy) {
        super(unavailable);
        this.occupancy = occupancy;
    }

    /**
     * The occupancy of the pool.
     *
     * @return limit, calls in flight, requests queued, time waited
     */
    public Occupancy occupancy() {
        return occupancy;
    }
}
