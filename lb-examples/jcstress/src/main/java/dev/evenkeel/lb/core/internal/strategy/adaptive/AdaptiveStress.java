package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.support.Blank;
import java.util.Random;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What {@code adaptive} remembers of a backend: plain ints and floats, of which racing threads may lose an update. */
public final class AdaptiveStress {

    private AdaptiveStress() {}

    /** Two picks at once: two turns, or one that both take. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"1, 2", "2, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "a turn each")
    @org.openjdk.jcstress.annotations.Outcome(
            id = "1, 1",
            expect = Expect.ACCEPTABLE_INTERESTING,
            desc = "one turn for both: they scan from the same place")
    @State
    public static class TwoTurns {
        private final PickCounter turns = new PickCounter(0, 0);

        @Actor
        public void one(II_Result seen) {
            seen.r1 = turns.next(0);
        }

        @Actor
        public void other(II_Result seen) {
            seen.r2 = turns.next(0);
        }
    }

    /** Two failures that come at once strike once or twice; either way the backend rests, and not for ever. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"[1-2], [0-2], true"},
            expect = Expect.ACCEPTABLE,
            desc = "struck, stale, and back in the end")
    @State
    public static class TwoStrikes {
        private final PickCounter turns = new PickCounter(0, 0);
        private final AdaptiveState state =
                AdaptiveStates.of(turns, new Random(1), false).of(new Blank());

        @Actor
        public void one() {
            state.completed(Outcome.FAILED, 1_000, 1_000_000, turns, 5, 10);
        }

        @Actor
        public void other() {
            state.completed(Outcome.FAILED, 1_000, 1_000_000, turns, 5, 10);
        }

        @Actor
        public void reader(IIZ_Result seen) {
            seen.r2 = state.strikes();
        }

        @Arbiter
        public void end(IIZ_Result seen) {
            seen.r1 = state.strikes();
            boolean looksAgain = state.isStale(10);
            boolean returns = state.holdbackFactor(Integer.MAX_VALUE / 2, 11) == 1;
            seen.r3 = looksAgain && returns;
        }
    }
}
