package dev.evenkeel.lb.core.internal.stats;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.DD_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The counters of the calls at one backend. */
public final class CallsInFlightStress {
    private static final long START_NANOS = 1L << 40;
    private static final long TICK_NANOS = 1L << 13;

    private CallsInFlightStress() {}

    private static BackendStats fresh() {
        return new BackendStats(new PoolStats());
    }

    /** Two calls come and go, one by way of an answer: none is left, and no thread ever sees fewer than none. */
    @JCStressTest
    @Outcome(id = "0, [0-2]", expect = Expect.ACCEPTABLE, desc = "all have ended; at most both were in flight")
    @State
    public static class ComeAndGo {
        private final BackendStats backend = fresh();

        @Actor
        public void answered() {
            backend.started(START_NANOS);
            backend.answered(START_NANOS);
            backend.ended(START_NANOS, true);
        }

        @Actor
        public void unanswered() {
            backend.started(START_NANOS + 5 * TICK_NANOS);
            backend.ended(START_NANOS + 5 * TICK_NANOS, false);
        }

        @Actor
        public void reader(II_Result seen) {
            seen.r2 = backend.inFlight();
        }

        @Arbiter
        public void end(II_Result seen) {
            seen.r1 = backend.inFlight();
        }
    }

    /** A call that is answered goes on: a reader may count it twice at that moment, but does not miss it. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "in between")
    @State
    public static class Answer {
        private final BackendStats backend = fresh();

        public Answer() {
            backend.started(START_NANOS);
        }

        @Actor
        public void answer() {
            backend.answered(START_NANOS);
        }

        @Actor
        public void reader(II_Result seen) {
            seen.r2 = backend.inFlight();
        }

        @Arbiter
        public void end(II_Result seen) {
            seen.r1 = backend.inFlight();
        }
    }

    /** How many wait and for how long come from one word: never the age of one over the count of another. */
    @JCStressTest
    @Outcome(id = "0.0, 0.0", expect = Expect.ACCEPTABLE, desc = "none yet")
    @Outcome(id = "0.0, 81920.0", expect = Expect.ACCEPTABLE, desc = "the older one")
    @Outcome(id = "0.0, 40960.0", expect = Expect.ACCEPTABLE, desc = "the younger one")
    @Outcome(id = "0.0, 61440.0", expect = Expect.ACCEPTABLE, desc = "both")
    @State
    public static class MeanAge {
        private final BackendStats backend = fresh();

        @Actor
        public void older() {
            backend.started(START_NANOS);
            backend.ended(START_NANOS, false);
        }

        @Actor
        public void younger() {
            backend.started(START_NANOS + 5 * TICK_NANOS);
            backend.ended(START_NANOS + 5 * TICK_NANOS, false);
        }

        @Actor
        public void reader(DD_Result seen) {
            seen.r2 = backend.waitingNanos(START_NANOS + 10 * TICK_NANOS);
        }

        @Arbiter
        public void end(DD_Result seen) {
            seen.r1 = backend.waitingNanos(START_NANOS + 10 * TICK_NANOS);
        }
    }
}
