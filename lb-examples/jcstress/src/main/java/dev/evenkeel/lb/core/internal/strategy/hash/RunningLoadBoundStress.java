package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.Blank;
import dev.evenkeel.lb.spi.Candidate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** The calls in flight that the bound of a large pool is made of. */
public final class RunningLoadBoundStress {

    private RunningLoadBoundStress() {}

    /** Two picks read the same candidates while calls begin and end there: the sum has no lasting difference. */
    @JCStressTest
    @Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "what was last seen of each")
    @State
    public static class TwoReaders {
        private final Counted first = new Counted();
        private final Counted second = new Counted();
        private final RunningLoadBound bound = new RunningLoadBound(1.25, new Candidate[] {first, second});

        @Actor
        public void one() {
            first.calls = 1;
            bound.accepted(null);
        }

        @Actor
        public void other() {
            second.calls = 2;
            bound.accepted(null);
            second.calls = 1;
            bound.accepted(null);
            second.calls = 2;
        }

        @Arbiter
        public void end(J_Result seen) {
            bound.accepted(null);
            seen.r1 = bound.inFlight(0);
        }
    }

    /** A candidate with so many calls in flight. */
    private static final class Counted extends Blank {
        private volatile int calls;

        @Override
        public int inFlight() {
            return calls;
        }
    }
}
