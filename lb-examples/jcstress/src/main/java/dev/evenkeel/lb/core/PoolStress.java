package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import java.util.List;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Leases, and what the registry publishes. */
public final class PoolStress {
    private static final Backend A = backend("a");
    private static final Backend B = backend("b");
    private static final Backend C = backend("c");
    private static final Backend D = backend("d");

    private PoolStress() {}

    private static Backend backend(String id) {
        return Backend.builder("http://" + id + ".test").id(id).build();
    }

    private static LoadBalancer pool(Backend... backends) {
        return LoadBalancers.builder("users").backends(List.of(backends)).build();
    }

    private static String call(LoadBalancer pool) {
        PickResult result = pool.acquire(RequestContext.NONE);
        if (!(result instanceof Lease lease)) {
            return "none";
        }
        lease.complete(Outcome.SUCCESS);
        return lease.backend().id();
    }

    private static String ids(LoadBalancer pool) {
        return pool.snapshot().backends().stream()
                .map(status -> status.backend().id())
                .collect(Collectors.joining());
    }

    /** A lease ends once, whichever thread ends it, also while its answer comes. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"true, false, 0", "false, true, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "one of them ended it, and nothing is in flight")
    @State
    public static class LeaseEndsOnce {
        private static final LoadBalancer POOL = pool(A);
        private final Lease lease = (Lease) POOL.acquire(RequestContext.NONE);

        @Actor
        public void succeed(ZZI_Result seen) {
            seen.r1 = lease.complete(Outcome.SUCCESS);
        }

        @Actor
        public void cancel(ZZI_Result seen) {
            lease.responded();
            seen.r2 = lease.complete(Outcome.CANCELLED);
        }

        @Arbiter
        public void end(ZZI_Result seen) {
            // The pool is everyone's: only that this lease does not end a third time can be asked.
            seen.r3 = lease.complete(Outcome.FAILED) ? 1 : 0;
        }
    }

    /** The last place at a backend is given once. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"a, none, 1", "none, a, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "one has it")
    @State
    public static class LastPlace {
        private final LoadBalancer pool =
                pool(Backend.builder("http://a.test").id("a").maxInFlight(1).build());

        @Actor
        public void one(LLL_Result seen) {
            seen.r1 = hold();
        }

        @Actor
        public void other(LLL_Result seen) {
            seen.r2 = hold();
        }

        private String hold() {
            return pool.acquire(RequestContext.NONE) instanceof Lease lease
                    ? lease.backend().id()
                    : "none";
        }

        @Arbiter
        public void end(LLL_Result seen) {
            seen.r3 = pool.snapshot().inFlight();
        }
    }

    /** The list is replaced as a whole: no thread sees a half of each, and no call is without a backend. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = {"ab, [abcd]", "cd, [abcd]"},
            expect = Expect.ACCEPTABLE,
            desc = "the old list or the new one")
    @State
    public static class Replacement {
        private final LoadBalancer pool = pool(A, B);

        @Actor
        public void writer() {
            pool.registry().replaceAll(List.of(C, D));
        }

        @Actor
        public void reader(LL_Result seen) {
            seen.r1 = ids(pool);
        }

        @Actor
        public void caller(LL_Result seen) {
            seen.r2 = call(pool);
        }
    }

    /** Two writers: none undoes what the other has done. */
    @JCStressTest
    @org.openjdk.jcstress.annotations.Outcome(
            id = "abc, [bc], [abc]",
            expect = Expect.ACCEPTABLE,
            desc = "c is in, a is out of traffic")
    @State
    public static class TwoWriters {
        private final LoadBalancer pool = pool(A, B);

        @Actor
        public void adds() {
            pool.registry().add(C);
        }

        @Actor
        public void drains() {
            pool.registry().maintenance("a");
        }

        @Actor
        public void caller(LLL_Result seen) {
            seen.r3 = call(pool);
        }

        @Arbiter
        public void end(LLL_Result seen) {
            seen.r1 = ids(pool);
            seen.r2 = call(pool);
        }
    }
}
