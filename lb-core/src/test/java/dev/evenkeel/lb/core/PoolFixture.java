package dev.evenkeel.lb.core;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A pool on virtual time whose events are kept. */
public final class PoolFixture {
    public final VirtualTime time = new VirtualTime();
    public final Queue<LoadBalancerEvent> events = new ConcurrentLinkedQueue<>();

    public LoadBalancerBuilder builder(String... backends) {
        return LoadBalancers.builder("users")
                .backends(backends)
                .timeSource(time)
                .scheduler(time)
                .random(new Random(42))
                .listener(events::add);
    }

    public static Lease lease(LoadBalancer pool) {
        return lease(pool, RequestContext.NONE);
    }

    public static Lease lease(LoadBalancer pool, RequestContext context) {
        PickResult result = pool.acquire(context);
        if (result instanceof Unavailable unavailable) {
            throw new AssertionError(unavailable.message());
        }
        return (Lease) result;
    }

    public static String refusal(LoadBalancer pool) {
        return refusal(pool, RequestContext.NONE);
    }

    public static String refusal(LoadBalancer pool, RequestContext context) {
        PickResult result = pool.acquire(context);
        if (result instanceof Unavailable unavailable) {
            return unavailable.message();
        }
        throw new AssertionError("unexpected " + result);
    }

    /** Makes calls one after the other; each ends as its backend's entry says. Returns the calls per backend. */
    public static Map<String, Integer> call(LoadBalancer pool, int calls, Map<String, Outcome> outcomes) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < calls; i++) {
            Lease lease = lease(pool);
            String id = lease.backend().id();
            counts.merge(id, 1, Integer::sum);
            lease.complete(outcomes.getOrDefault(id, Outcome.SUCCESS));
        }
        return counts;
    }

    public static Map<String, Integer> call(LoadBalancer pool, int calls) {
        return call(pool, calls, Map.of());
    }

    public static BackendStatus status(LoadBalancer pool, String id) {
        return pool.snapshot().backend(id);
    }

    public <E extends LoadBalancerEvent> java.util.List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
