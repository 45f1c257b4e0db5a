package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.RequestContext;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A pool that writes down each attempt. */
record PickLog(LoadBalancer pool, Queue<Pick> picks) implements LoadBalancer {

    /**
     * One attempt.
     *
     * @param nanos when it began, by {@link System#nanoTime()}
     * @param backend where
     */
    record Pick(long nanos, String backend) {}

    PickLog(LoadBalancer pool) {
        this(pool, new ConcurrentLinkedQueue<>());
    }

    /** The attempts of a time, in their order. */
    List<Pick> between(long fromNanos, long toNanos) {
        return picks.stream()
                .filter(pick -> pick.nanos - fromNanos >= 0 && pick.nanos - toNanos < 0)
                .toList();
    }

    @Override
    public PickResult acquire(RequestContext context) {
        PickResult result = pool.acquire(context);
        if (result instanceof Lease lease) {
            picks.add(new Pick(System.nanoTime(), lease.backend().id()));
        }
        return result;
    }

    @Override
    public String name() {
        return pool.name();
    }

    @Override
    public void declareSubsets(Set<String> keys) {
        pool.declareSubsets(keys);
    }

    @Override
    public BackendRegistry registry() {
        return pool.registry();
    }

    @Override
    public PoolSnapshot snapshot() {
        return pool.snapshot();
    }

    @Override
    public PoolFigures figures() {
        return pool.figures();
    }

    @Override
    public void addListener(LoadBalancerListener listener) {
        pool.addListener(listener);
    }

    @Override
    public void removeListener(LoadBalancerListener listener) {
        pool.removeListener(listener);
    }

    @Override
    public void close() {
        pool.close();
    }
}
