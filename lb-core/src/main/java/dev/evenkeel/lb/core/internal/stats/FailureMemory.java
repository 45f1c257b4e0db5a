package dev.evenkeel.lb.core.internal.stats;

/**
 * Record of a backend's failed calls, kept by the pool or by a strategy, that a health check can correct. A strategy's
 * {@linkplain dev.evenkeel.lb.spi.Candidate#state state} that implements it is notified.
 */
public interface FailureMemory {

    /** Forgets all failures. Called when the checks had found the backend down, and it is up again. */
    void forgetFailures();

    /**
     * Takes one failure back. Called when a check of a backend that was not down has succeeded. Only one failure, since
     * a check may not notice what makes calls fail.
     *
     * @param nowNanos the time
     */
    void takeFailureBack(long nowNanos);
}
