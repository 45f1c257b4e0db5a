package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Who stands in line before a full pool, and who makes room. */
public final class AdmissionStress {
    private static final Scheduler NO_TIMERS = (task, delay) -> () -> {};

    private AdmissionStress() {}

    private static LoadBalancer pool(LimitPolicy limits, int mostAtTheBackend) {
        return LoadBalancers.builder("users")
                .backends(List.of(Backend.builder("http://a.test")
                        .id("a")
                        .maxInFlight(mostAtTheBackend)
                        .build()))
                .limits(limits.withQueue(4, Duration.ofHours(1)))
                .scheduler(NO_TIMERS)
                .build();
    }

    private static String state(@Nullable CompletableFuture<PickResult> waiting) {
        if (waiting == null || !waiting.isDone()) {
            return "waits";
        }
        return waiting.isCancelled() ? "cancelled" : waiting.join() instanceof Lease ? "in" : "refused";
    }

    /** One ends while another stands in line: it gets in, by the pool's limit. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "it is in")
    @State
    public static class PlaceInThePool {
        private final LoadBalancer pool = pool(LimitPolicy.maxInFlight(1), Integer.MAX_VALUE);
        private final Lease only = (Lease) pool.acquire(RequestContext.NONE);
        private @Nullable CompletableFuture<PickResult> waiting;

        @Actor
        public void comes() {
            waiting = pool.acquireOrWait(RequestContext.NONE);
        }

        @Actor
        public void leaves() {
            only.complete(Outcome.SUCCESS);
        }

        @Arbiter
        public void end(Z_Result seen) {
            seen.r1 = state(waiting).equals("in");
        }
    }

    /** The same by a backend's limit. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "it is in")
    @State
    public static class PlaceAtABackend {
        private final LoadBalancer pool = pool(LimitPolicy.none(), 1);
        private final Lease only = (Lease) pool.acquire(RequestContext.NONE);
        private @Nullable CompletableFuture<PickResult> waiting;

        @Actor
        public void comes() {
            waiting = pool.acquireOrWait(RequestContext.NONE);
        }

        @Actor
        public void leaves() {
            only.complete(Outcome.SUCCESS);
        }

        @Arbiter
        public void end(Z_Result seen) {
            seen.r1 = state(waiting).equals("in");
        }
    }

    /** The first gives up while a call ends: the second gets the place, and it is not lost on the first. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = "cancelled, in",
            expect = Expect.ACCEPTABLE,
            desc = "the first gave up in time, or gave the lease back")
    @org.openjdk.jcstress.annotations.Outcome(
            id = "in, waits",
            expect = Expect.ACCEPTABLE,
            desc = "the first was in before it gave up")
    @State
    public static class FirstGivesUp {
        private final LoadBalancer pool = pool(LimitPolicy.maxInFlight(1), Integer.MAX_VALUE);
        private final Lease only = (Lease) pool.acquire(RequestContext.NONE);
        private final CompletableFuture<PickResult> first = pool.acquireOrWait(RequestContext.NONE);
        private final CompletableFuture<PickResult> second = pool.acquireOrWait(RequestContext.NONE);

        @Actor
        public void givesUp() {
            first.cancel(false);
        }

        @Actor
        public void leaves() {
            only.complete(Outcome.SUCCESS);
        }

        @Arbiter
        public void end(LL_Result seen) {
            seen.r1 = state(first);
            seen.r2 = state(second);
        }
    }

    /** The pool closes while a request stands in line, or comes: none is left there. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "it was told")
    @State
    public static class Closes {
        private final LoadBalancer pool = pool(LimitPolicy.maxInFlight(1), Integer.MAX_VALUE);
        private final PickResult only = pool.acquire(RequestContext.NONE);
        private @Nullable CompletableFuture<PickResult> waiting;

        @Actor
        public void comes() {
            waiting = pool.acquireOrWait(RequestContext.NONE);
        }

        @Actor
        public void closes() {
            pool.close();
        }

        @Arbiter
        public void end(Z_Result seen) {
            seen.r1 = only instanceof Lease && state(waiting).equals("refused");
        }
    }
}
