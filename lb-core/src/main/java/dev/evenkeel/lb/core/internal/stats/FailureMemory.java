package dev.evenkeel.lb.core.internal.stats;

/**
 * What is remembered of a backend's failed calls, by the pool or by a strategy, as far as a health check can correct it. A
 * strategy's {@linkplain dev.evenkeel.lb.spi.Candidate#state state} that implements it is told.
 */
public interface FailureMemory {

    /** Forgets all failures: the checks had found the backend down, and it is up again. */
    void forgetFailures();

    /**
     * Takes one failure back: a check of a backend that was not down has succeeded. Only one, since a check may be blind to
     * what makes calls fail.
     *
     * @param nowNanos the time
     */
    void takeFailureBack(long nowNanos);
}
