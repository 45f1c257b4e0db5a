package dev.evenkeel.lb.core.internal.strategy.support;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** The turns of a rotation. */
public final class TurnCounterStress {

    private TurnCounterStress() {}

    /** Two picks at once: a turn each. */
    @JCStressTest
    @Outcome(
            id = {"7, 8, 9", "8, 7, 9"},
            expect = Expect.ACCEPTABLE,
            desc = "a turn each")
    @State
    public static class TwoTurns {
        private final TurnCounter turns = new TurnCounter(7);

        @Actor
        public void one(JJJ_Result seen) {
            seen.r1 = turns.next();
        }

        @Actor
        public void other(JJJ_Result seen) {
            seen.r2 = turns.next();
        }

        @Arbiter
        public void end(JJJ_Result seen) {
            seen.r3 = turns.get();
        }
    }
}
