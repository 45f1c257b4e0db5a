package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadReport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Asks backends how loaded they are, beside the calls. One object serves all backends of a pool.
 *
 * <p>The pool decides when to ask, asks one backend once at a time, and gives up after the timeout. A reading that
 * fails, throws or does not come changes nothing: what was read before stays in force.
 */
@FunctionalInterface
public interface LoadReportSource {

    /**
     * Asks one backend, and best returns at once. It may block, at the price of the thread it blocks, which the pool
     * interrupts at the timeout; the backend is not asked again before it has returned.
     *
     * @param backend the backend
     * @param timeout the pool stops waiting after this and cancels the result's future
     * @return completes with what the backend said, on any thread
     */
    CompletionStage<LoadReading> read(Backend backend, Duration timeout);

    /**
     * A source of what a function knows, such as metrics that are collected anyway.
     *
     * @param function gives the report of a backend; may block or throw, as {@link #read} may
     * @return a source
     */
    static LoadReportSource of(Function<? super Backend, LoadReport> function) {
        return (backend, timeout) -> CompletableFuture.completedFuture(LoadReading.of(function.apply(backend)));
    }
}
