package dev.evenkeel.lb;

/**
 * The result of an attempt at a backend, from the balancer's point of view.
 *
 * <p>Only {@link #SUCCESS} and {@link #TIMED_OUT} say something about the backend's speed. {@link #isFailure()} says
 * which outcomes count against its health.
 */
public enum Outcome {
    /** The backend responded without a fault of its own (4xx is the caller's fault). */
    SUCCESS,
    /** The backend responded with a fault of its own, such as 500. */
    SERVER_ERROR,
    /** The backend responded that a server behind it did not, or that it is not ready: 502, 503, 504. */
    GATEWAY_ERROR,
    /** The backend refused: for want of capacity, such as 429, or because it does not serve the host (421). */
    THROTTLED,
    /** The request was never sent: connection refused, host unreachable, TLS failure. */
    NEVER_SENT,
    /** No response within the time allowed. */
    TIMED_OUT,
    /** The exchange was aborted after the request was sent. */
    FAILED,
    /** The caller cancelled the attempt, or the pool closed it; says nothing about the backend's health. */
    CANCELLED,
    /** The attempt did not reach the backend for a reason of the client, such as a cache hit; says nothing at all. */
    DISCARDED;

    /**
     * Whether this counts against the backend's health.
     *
     * @return true for server error, gateway error, never sent, timed out, failed
     */
    public boolean isFailure() {
        return this == SERVER_ERROR
                || this == GATEWAY_ERROR
                || this == NEVER_SENT
                || this == TIMED_OUT
                || this == FAILED;
    }

    /**
     * Whether this says nothing about the backend's health.
     *
     * @return true for cancelled and discarded
     */
    public boolean isNeutral() {
        return this == CANCELLED || this == DISCARDED;
    }
}
