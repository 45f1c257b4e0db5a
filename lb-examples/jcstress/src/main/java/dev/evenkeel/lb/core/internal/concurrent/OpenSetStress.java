package dev.evenkeel.lb.core.internal.concurrent;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** What is open: elements whose keys lead to the same slot. */
public final class OpenSetStress {
    private static final long KEY = 7;
    private static final String FIRST = "first";
    private static final String SECOND = "second";

    private OpenSetStress() {}

    private static int size(OpenSet<String> open) {
        AtomicInteger elements = new AtomicInteger();
        open.forEach(element -> elements.incrementAndGet());
        return elements.get();
    }

    /** Two elements that come at once are both in the set, and both leave it. */
    @JCStressTest
    @Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "each has a slot, and is found there")
    @State
    public static class TwoAdditions {
        private final OpenSet<String> open = new OpenSet<>();

        @Actor
        public void one() {
            open.add(FIRST, KEY);
        }

        @Actor
        public void other() {
            open.add(SECOND, KEY);
        }

        @Arbiter
        public void end(II_Result seen) {
            seen.r1 = size(open);
            open.remove(FIRST, KEY);
            open.remove(SECOND, KEY);
            seen.r2 = size(open);
        }
    }

    /** An element leaves while another one comes: a slot that becomes free hides nothing behind it. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "neither is left")
    @State
    public static class ComeAndGo {
        private final OpenSet<String> open = new OpenSet<>();

        @Actor
        public void one() {
            open.add(FIRST, KEY);
            open.remove(FIRST, KEY);
        }

        @Actor
        public void other() {
            open.add(SECOND, KEY);
            open.remove(SECOND, KEY);
        }

        @Arbiter
        public void end(I_Result seen) {
            seen.r1 = size(open);
        }
    }
}
