package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.Outcome;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The running medians, which threads race on without a lock: a sample may be lost, a figure is never nonsense. */
public final class SamplesStress {
    private static final long FAST_NANOS = 1_000_000;
    private static final long SLOW_NANOS = 8_000_000_000L;

    private SamplesStress() {}

    private static boolean isSane(double median) {
        return median == 0 || (median >= FAST_NANOS / 2.0 && median <= SLOW_NANOS * 2.0);
    }

    /** Two calls end at once at a backend that has had none, one of them 8,000 times as slow. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = "true, true",
            expect = Expect.ACCEPTABLE,
            desc = "what is seen lies between the samples, at any time")
    @State
    public static class FirstSamples {
        private final PoolStats pool = new PoolStats();
        private final BackendStats backend = new BackendStats(pool);

        @Actor
        public void fast() {
            backend.completed(Outcome.SUCCESS, FAST_NANOS, SLOW_NANOS);
        }

        @Actor
        public void slow() {
            backend.completed(Outcome.TIMED_OUT, SLOW_NANOS, SLOW_NANOS + 1);
        }

        @Actor
        public void reader(ZZ_Result seen) {
            double failures = backend.failureRate(SLOW_NANOS + 1);
            seen.r2 = isSane(backend.latencyNanos())
                    && isSane(pool.latencyNanos())
                    && isSane(pool.latencyP95Nanos())
                    && pool.calmness() > 0
                    && pool.calmness() <= 1
                    && failures >= 0
                    && failures <= 1;
        }

        @Arbiter
        public void end(ZZ_Result seen) {
            seen.r1 = backend.latencyNanos() > 0
                    && isSane(backend.latencyNanos())
                    && pool.latencyNanos() > 0
                    && isSane(pool.latencyNanos());
        }
    }
}
