package dev.evenkeel.lb;

/**
 * How an attempt at a backend ended, from the balancer's point of view.
 *
 * <p>Only {@link #SUCCESS} and {@link #TIMED_OUT} say something about the backend's speed. {@link #isFailure()} tells
 * which count against its health.
 */
public enum Outcome {
    /** The backend answered, and not with a fault of its own (4xx is the caller's fault). */
    SUCCESS,
    /** The backend answered with a fault of its own, such as 500. */
    SERVER_ERROR,
    /**
     * The backend answered, but only that it could not: what is behind it did not, or it is not ready; 502, 503, 504.
     */
    GATEWAY_ERROR,
    /** The backend refused for want of capacity, such as 429. */
    THROTTLED,
    /** The request never left: refused, unreachable, TLS failure. */
    NEVER_SENT,
    /** No answer within the time allowed. */
    TIMED_OUT,
    /** The exchange broke off after the request was sent. */
    FAILED,
    /** The caller gave up; says nothing about the backend's health. */
    CANCELLED,
    /** The attempt never reached the backend for a reason of ours, such as a cache hit; says nothing at all. */
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
