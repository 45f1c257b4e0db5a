package dev.evenkeel.lb.core.internal.concurrent;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** One thread at a time takes what all have left. */
public final class SerialLoopStress {

    private SerialLoopStress() {}

    /** Each leaves one thing and asks. A sum without any protection loses nothing, and nothing is left. */
    @JCStressTest
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "both were taken")
    @State
    public static class TwoRequests {
        private final SerialLoop loop = new SerialLoop();
        private final AtomicInteger left = new AtomicInteger();
        private int taken;

        private void take() {
            taken += left.getAndSet(0);
        }

        @Actor
        public void one() {
            left.incrementAndGet();
            loop.run(this::take);
        }

        @Actor
        public void other() {
            left.incrementAndGet();
            loop.run(this::take);
        }

        @Arbiter
        public void end(I_Result seen) {
            seen.r1 = taken;
        }
    }
}
