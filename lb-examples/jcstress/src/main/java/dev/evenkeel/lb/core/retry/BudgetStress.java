package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** What retries are paid from. */
public final class BudgetStress {

    private BudgetStress() {}

    /** One attempt is left: one of two calls gets it. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"true, false, 0", "false, true, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "it is spent once")
    @State
    public static class LastAttempt {
        private final TokenBucket savings = new TokenBucket(0, 0, 10, 1, 0);

        @Actor
        public void one(ZZI_Result seen) {
            seen.r1 = savings.take(0);
        }

        @Actor
        public void other(ZZI_Result seen) {
            seen.r2 = savings.take(0);
        }

        @Arbiter
        public void end(ZZI_Result seen) {
            seen.r3 = savings.left(0);
        }
    }

    /** A second pays for one attempt, however many threads notice that it has passed. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"true, false, 0", "false, true, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "it is paid and spent once")
    @State
    public static class PaidByTime {
        private static final long SECOND_NANOS = 1_000_000_000;
        private final TokenBucket savings = new TokenBucket(0, 1, 10, 0, 0);

        @Actor
        public void one(ZZI_Result seen) {
            seen.r1 = savings.take(SECOND_NANOS);
        }

        @Actor
        public void other(ZZI_Result seen) {
            seen.r2 = savings.take(SECOND_NANOS);
        }

        @Arbiter
        public void end(ZZI_Result seen) {
            seen.r3 = savings.left(SECOND_NANOS);
        }
    }

    /** No token is lost. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "both failures count")
    @State
    public static class TwoFailures {
        private final RetryThrottle gate = new RetryThrottle(10, 0.1);

        @Actor
        public void one() {
            gate.ended(Outcome.FAILED);
        }

        @Actor
        public void other() {
            gate.ended(Outcome.FAILED);
        }

        @Arbiter
        public void end(I_Result seen) {
            seen.r1 = gate.left();
        }
    }
}
