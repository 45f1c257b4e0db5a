package dev.evenkeel.lb;

import dev.evenkeel.lb.Unavailable.Occupancy;
import java.io.IOException;

/**
 * Thrown if no backend of a pool could be chosen. Decided without network I/O. It is an {@link IOException} because
 * callers of HTTP clients handle that.
 */
public sealed class NoBackendAvailableException extends IOException permits PoolFullException {
    private static final long serialVersionUID = 1L;

    private final transient Unavailable unavailable;

    /**
     * Wraps the result of a pick.
     *
     * @param unavailable the pool's result
     */
    public NoBackendAvailableException(Unavailable unavailable) {
        super(unavailable.message());
        this.unavailable = unavailable;
    }

    /**
     * The exception for the result of a pick.
     *
     * @param unavailable the pool's result
     * @return a {@link PoolFullException} if the pool was full
     */
    public static NoBackendAvailableException of(Unavailable unavailable) {
        Occupancy occupancy = unavailable.occupancy();
        return occupancy == null
                ? new NoBackendAvailableException(unavailable)
                : new PoolFullException(unavailable, occupancy);
    }

    /**
     * The reason as data.
     *
     * @return the pool's result
     */
    public final Unavailable unavailable() {
        return unavailable;
    }
}
