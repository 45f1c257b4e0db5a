package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.LoadBalancer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Binds one pool to a Micrometer registry.
 *
 * <pre>{@code
 * new PoolMetrics(users).bindTo(registry);
 * }</pre>
 *
 * <table> <caption>Meters; every one has the tag {@code pool}</caption>
 * <tr><th>name</th><th>kind</th><th>further tags</th><th>is</th></tr>
 * <tr><td>{@code evenkeel.calls}</td><td>timer</td><td>outcome</td><td>calls that have ended, whatever their attempts,
 * and the time to the response's head; of clients that report their calls ({@link LoadBalancer#callEnded})</td></tr>
 * <tr><td>{@code evenkeel.calls.refused}</td><td>counter</td><td></td><td>calls that were refused without any
 * attempt</td></tr>
 * <tr><td>{@code evenkeel.attempts}</td><td>timer</td><td>backend, outcome</td><td>attempts that have ended, and the
 * time to the answer</td></tr>
 * <tr><td>{@code evenkeel.inflight}</td><td>gauge</td><td>backend</td><td>calls in flight</td></tr>
 * <tr><td>{@code evenkeel.backend.eligible}</td><td>gauge</td><td>backend</td><td>1 if it can be chosen, else
 * 0</td></tr>
 * <tr><td>{@code evenkeel.backend.weight}</td><td>gauge</td><td>backend</td><td>the weight that the strategy
 * sees</td></tr>
 * <tr><td>{@code evenkeel.backend.picks}</td><td>counter</td><td>backend, strategy</td><td>leases given out</td></tr>
 * <tr><td>{@code evenkeel.backends}</td><td>gauge</td><td>state: eligible, ineligible</td><td>how many</td></tr>
 * <tr><td>{@code evenkeel.tiers.panic}</td><td>gauge</td><td></td><td>tiers in panic</td></tr>
 * <tr><td>{@code evenkeel.retries}, {@code evenkeel.hedges}</td><td>counter</td><td></td><td>attempts that were not the
 * first of their call</td></tr>
 * <tr><td>{@code evenkeel.ejections}, {@code evenkeel.health.changes}, {@code evenkeel.breaker.changes},
 * {@code evenkeel.discovery.failures}</td><td>counter</td><td></td><td>events</td></tr>
 * <tr><td>{@code evenkeel.latency.p95}</td><td>gauge</td><td></td><td>the pool's running 95th percentile</td></tr>
 * <tr><td>{@code evenkeel.queue.size}</td><td>gauge</td><td></td><td>requests in the queue</td></tr>
 * <tr><td>{@code evenkeel.discovery.age}</td><td>gauge</td><td></td><td>time since the last good list; NaN without
 * discovery</td></tr>
 * <tr><td>{@code evenkeel.discovery.failing}</td><td>gauge</td><td></td><td>1 if discovery fails, else 0</td></tr>
 * </table>
 *
 * <p>The tag {@code backend} is the backend's id. A backend that leaves takes its meters with it; beyond
 * {@link #MAX_BACKENDS} backends, all further ones share the timers of {@code backend="other"}, and so do attempts that
 * outlive their backend. Closing the pool, or this object, removes every meter. Gauges read a snapshot of the pool that
 * is taken at most ten times a second.
 *
 * <p>Several of these for one pool with the same tags share its meters in a registry, so that nothing is counted twice.
 *
 * <p>Timers publish what their registry's filters ask for, such as a histogram: {@code MeterFilter} with
 * {@code DistributionStatisticConfig}. Under another strategy {@code evenkeel.backend.picks} begins anew; it counts
 * from the moment of binding, as the other counters do.
 *
 * <p>Thread-safe. An attempt costs one look-up and one record of a timer, a call one record.
 */
public final class PoolMetrics implements MeterBinder, AutoCloseable {
    /** The maximum number of backends with meters of their own. */
    public static final int MAX_BACKENDS = 1_000;

    private final LoadBalancer pool;
    private final Tags tags;
    private final Map<MeterRegistry, PoolMeterBinder> bindings = new ConcurrentHashMap<>();

    /**
     * Meters of a pool.
     *
     * @param pool the pool
     */
    public PoolMetrics(LoadBalancer pool) {
        this(pool, List.of());
    }

    /**
     * Meters of a pool with further tags.
     *
     * @param pool the pool
     * @param tags on every meter
     */
    public PoolMetrics(LoadBalancer pool, Iterable<Tag> tags) {
        this.pool = pool;
        this.tags = Tags.of(tags).and("pool", pool.name());
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        PoolMeterBinder present = bindings.get(registry);
        if (present == null || present.isClosed()) {
            bindings.put(registry, PoolMeterBinder.join(this, registry, pool, tags));
        }
    }

    /** Removes every meter that no other object has bound for the same pool and tags. The pool stays as it is. */
    @Override
    public void close() {
        bindings.values().forEach(binding -> binding.leave(this));
        bindings.clear();
    }
}
