package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Checks whether a backend can take calls. One object serves all backends of a pool.
 *
 * <p>The pool decides when to check, counts rises and falls, ends a check at the timeout, and treats an exception or an
 * exceptional result as unhealthy.
 */
@FunctionalInterface
public interface HealthCheck {

    /**
     * Starts one check, and should return at once. It may block its thread, which the pool interrupts at the timeout. A
     * backend whose check still blocks counts as unhealthy and is not checked again before the check has returned. The
     * same holds for a {@link java.util.concurrent.CompletableFuture} that is not done after it has been cancelled: it
     * shows that a thread is still working for it, and counts as a check under way until it completes.
     *
     * @param backend the backend
     * @param timeout after this the pool stops waiting and cancels the result's future
     * @return completes with the result, on any thread
     */
    CompletionStage<HealthResult> check(Backend backend, Duration timeout);

    /** Called when a pool begins to use this check. By default does nothing. */
    default void retain() {}

    /** Called when a pool that used this check is closed, once for each {@link #retain}. By default does nothing. */
    default void release() {}
}
