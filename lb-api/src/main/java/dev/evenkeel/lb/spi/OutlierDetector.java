package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds backends that fail more than their peers do. It only proposes: the pool's {@link EjectionPolicy} limits how
 * many are out and decides for how long, and the last eligible backend is never ejected.
 */
@FunctionalInterface
public interface OutlierDetector {

    /**
     * Creates the detection for one pool.
     *
     * @param timeSource the pool's clock
     * @return a detection without history
     */
    Detection newDetection(TimeSource timeSource);

    /**
     * The policy that this detector was designed for. A policy set at the pool takes precedence.
     *
     * @return {@link EjectionPolicy#defaults()} by default
     */
    default EjectionPolicy ejectionPolicy() {
        return EjectionPolicy.defaults();
    }

    /**
     * Observes one pool: each outcome as it is recorded, or all backends at intervals, or both. An exception is logged
     * once, and counts as no finding.
     */
    @FunctionalInterface
    interface Detection {

        /**
         * Records one outcome. Called by many threads at once, on the call path: no lock, no I/O.
         *
         * @param candidate the backend; keep data for it in {@link Candidate#state}
         * @param outcome how an attempt at it ended; never a neutral one
         * @param latencyNanos from the start to the response, or to the end without one
         * @param nowNanos when it ended
         * @param peers all backends of the pool, including this one; immutable
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
         * Compares all backends. Called on the pool's scheduler, one call at a time. By default does nothing.
         *
         * @param nowNanos the time
         * @param peers the backends that are in service and not ejected; immutable
         * @param eject takes each backend that should be ejected, the worst first, and the reason in a few words
         */
        default void sweep(
                long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {}
    }
}
