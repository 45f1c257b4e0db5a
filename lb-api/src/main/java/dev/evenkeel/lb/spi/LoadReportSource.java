package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadReport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Polls backends for their load, separately from calls. One object serves all backends of a pool.
 *
 * <p>The pool decides when to poll, polls a backend one at a time, and stops waiting after the timeout. A poll that
 * fails, throws or does not complete changes nothing: earlier results stay in force.
 */
@FunctionalInterface
public interface LoadReportSource {

    /**
     * Polls one backend, and should return at once. It may block its thread, which the pool interrupts at the timeout;
     * the backend is not polled again before it has returned.
     *
     * @param backend the backend
     * @param timeout after this the pool stops waiting and cancels the result's future
     * @return completes with the backend's response, on any thread
     */
    CompletionStage<LoadReading> read(Backend backend, Duration timeout);

    /**
     * A source that calls a function, such as a look-up in metrics that are collected anyway.
     *
     * @param function returns the report of a backend; may block or throw, as {@link #read} may
     * @return a source
     */
    static LoadReportSource of(Function<? super Backend, LoadReport> function) {
        return (backend, timeout) -> CompletableFuture.completedFuture(LoadReading.of(function.apply(backend)));
    }
}
