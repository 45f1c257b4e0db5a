package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds backends that fail more than the others do. It only proposes: the registry caps how many are out, never takes the
 * last eligible one, and decides how long an ejection lasts.
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

    /** Watches one pool. Called by many threads at once, on the call path: no lock, no I/O. */
    @FunctionalInterface
    interface Detection {

        /**
         * Takes one outcome into account.
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
    }
}
