package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds backends that fail more than the others do. It only proposes: the pool's {@link EjectionPolicy} caps how many
 * are out and decides how long, and the last eligible one is never taken.
 */
@FunctionalInterface
public interface OutlierDetector {

    /**
     * Makes the detection for one pool.
     *
     * @param timeSource the pool's clock
     * @return a detection with no memory
     */
    Detection newDetection(TimeSource timeSource);

    /**
     * What this detector was designed to go with. A pool that is told otherwise ignores it.
     *
     * @return {@link EjectionPolicy#defaults()} by default
     */
    default EjectionPolicy ejectionPolicy() {
        return EjectionPolicy.defaults();
    }

    /**
     * Watches one pool: each outcome as it comes, or all backends at intervals, or both. What it throws is logged once,
     * and counts as finding nothing.
     */
    @FunctionalInterface
    interface Detection {

        /**
         * Takes one outcome into account. Called by many threads at once, on the call path: no lock, no I/O.
         *
         * @param candidate the backend; keep figures for it in {@link Candidate#state}
         * @param outcome how an attempt at it ended; never a neutral one
         * @param latencyNanos from the start to the answer, or to the end without one
         * @param nowNanos when it ended
         * @param peers all backends of the pool, this one included; immutable
         * @return why the backend should be ejected, in a few words, or null if it should not
         */
        @Nullable
        String observe(
                Candidate candidate,
                Outcome outcome,
                long latencyNanos,
                long nowNanos,
                List<? extends Candidate> peers);

        /**
         * How often {@link #sweep} is to be called.
         *
         * @return at least 1 ms, always the same; null, the default, for never
         */
        default @Nullable Duration sweepInterval() {
            return null;
        }

        /**
         * Compares all backends. Called on the pool's scheduler, one call at a time. By default nothing happens.
         *
         * @param nowNanos the time
         * @param peers the backends that are in service and not ejected; immutable
         * @param eject takes those that should be ejected, the worst first, and why, in a few words
         */
        default void sweep(
                long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {}
    }
}
