package dev.evenkeel.lb.core.health;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Failures that come at once, of which the last one ejects a backend. */
public final class FailureTimesStress {
    private static final Object DETECTION = new Object();
    private static final long WINDOW_NANOS = 1_000;

    private FailureTimesStress() {}

    /** The second and the third of two: one of them completes the number. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = Expect.ACCEPTABLE,
            desc = "one of them finds that there are enough")
    @State
    public static class TwoLastFailures {
        private final FailureTimes times = new FailureTimes();

        /** With one failure. */
        public TwoLastFailures() {
            times.add(DETECTION, 2, WINDOW_NANOS, 1);
        }

        @Actor
        public void one(ZZ_Result seen) {
            seen.r1 = times.add(DETECTION, 2, WINDOW_NANOS, 2);
        }

        @Actor
        public void other(ZZ_Result seen) {
            seen.r2 = times.add(DETECTION, 2, WINDOW_NANOS, 2);
        }
    }

    /** The first two, which may begin at once: then one is left out, and the next failure finds enough. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = Expect.ACCEPTABLE,
            desc = "the later one finds that there are two")
    @Outcome(id = "false, false", expect = Expect.ACCEPTABLE_INTERESTING, desc = "each begins, and one is left out")
    @State
    public static class TwoFirstFailures {
        private final FailureTimes times = new FailureTimes();

        @Actor
        public void one(ZZ_Result seen) {
            seen.r1 = times.add(DETECTION, 2, WINDOW_NANOS, 1);
        }

        @Actor
        public void other(ZZ_Result seen) {
            seen.r2 = times.add(DETECTION, 2, WINDOW_NANOS, 1);
        }
    }
}
