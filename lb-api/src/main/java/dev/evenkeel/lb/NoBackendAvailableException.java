package dev.evenkeel.lb;

import java.io.IOException;

/**
 * No backend of a pool could be chosen. Decided without network I/O. It is an {@link IOException} because that is what
 * callers of HTTP clients handle.
 */
public final class NoBackendAvailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Unavailable unavailable;

    /**
     * Wraps the result of a pick.
     *
     * @param unavailable what the pool answered
     */
    public NoBackendAvailableException(Unavailable unavailable) {
        super(unavailable.message());
        this.unavailable = unavailable;
    }

    /**
     * The same as data.
     *
     * @return the pool's answer
     */
    public Unavailable unavailable() {
        return unavailable;
    }
}
