package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Finds out whether a backend can take traffic. One object serves all backends of a pool.
 *
 * <p>The pool decides when to check, counts rises and falls, gives up on a check after the timeout, and takes a thrown
 * or exceptional result as unhealthy.
 */
@FunctionalInterface
public interface HealthCheck {

    /**
     * Starts one check, and best returns at once. It may block, at the price of the thread it blocks, which the pool
     * interrupts at the timeout; a backend whose check still blocks counts as unhealthy and is not checked again before
     * the check has returned. The same holds for a {@link java.util.concurrent.CompletableFuture} that is not done when
     * it has been cancelled: it says so that a thread is still at work for it, and counts as a check under way until it
     * completes.
     *
     * @param backend the backend
     * @param timeout the pool stops waiting after this and cancels the result's future
     * @return completes with the result, on any thread
     */
    CompletionStage<HealthResult> check(Backend backend, Duration timeout);

    /** A pool begins to use this check. By default nothing happens. */
    default void retain() {}

    /** A pool that used this check was closed: called once for each {@link #retain}. By default nothing happens. */
    default void release() {}
}
