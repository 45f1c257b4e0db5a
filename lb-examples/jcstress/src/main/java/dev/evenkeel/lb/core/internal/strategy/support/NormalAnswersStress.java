package dev.evenkeel.lb.core.internal.strategy.support;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/** The times at which calls ended normally, written by racing threads. */
public final class NormalAnswersStress {

    private NormalAnswersStress() {}

    /** Two calls end normally at once, far apart on the clock: one of the times may be lost, neither is torn. */
    @JCStressTest
    @Outcome(
            id = {"[0-2], true"},
            expect = Expect.ACCEPTABLE,
            desc = "a reader finds the times that were noted, or some of them, and no other")
    @State
    public static class TwoNormalAnswers {
        private static final long EARLY_NANOS = 1;
        private static final long LATE_NANOS = (1L << 33) + 1;

        private final NormalAnswers answers = new NormalAnswers();

        @Actor
        public void early() {
            answers.add(EARLY_NANOS, 0);
        }

        @Actor
        public void late() {
            answers.add(LATE_NANOS, 0);
        }

        @Actor
        public void reader(IZ_Result seen) {
            seen.r1 = (answers.anyBetween(EARLY_NANOS - 1, EARLY_NANOS + 1) ? 1 : 0)
                    + (answers.anyBetween(LATE_NANOS - 1, LATE_NANOS + 1) ? 1 : 0);
            seen.r2 = !answers.anyBetween(EARLY_NANOS, LATE_NANOS) && !answers.anyBetween(LATE_NANOS, LATE_NANOS << 1);
        }
    }
}
