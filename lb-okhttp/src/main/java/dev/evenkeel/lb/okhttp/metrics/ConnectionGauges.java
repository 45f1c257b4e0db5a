package dev.evenkeel.lb.okhttp.metrics;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.metrics.PoolMetrics;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The gauges of a client's connections to the backends of one pool, in one registry. */
final class ConnectionGauges implements LoadBalancerListener {
    private final MeterRegistry registry;
    private final LoadBalancer pool;
    private final Tags tags;
    private final ConnectionCounts counts;

    // Guarded by this.
    private final Map<String, List<Meter>> gauges = new HashMap<>();
    private boolean closed;

    private ConnectionGauges(MeterRegistry registry, LoadBalancer pool, Tags tags, ConnectionCounts counts) {
        this.registry = registry;
        this.pool = pool;
        this.tags = tags.and("pool", pool.name());
        this.counts = counts;
    }

    static ConnectionGauges bind(MeterRegistry registry, LoadBalancer pool, Tags tags, ConnectionCounts counts) {
        ConnectionGauges bound = new ConnectionGauges(registry, pool, tags, counts);
        pool.addListener(bound);
        for (BackendStatus status : pool.snapshot().backends()) {
            bound.add(status.backend());
        }
        return bound;
    }

    @Override
    public void onEvent(LoadBalancerEvent event) {
        if (event instanceof BackendAdded added) {
            add(added.backend());
        } else if (event instanceof BackendRemoved removed) {
            remove(removed.backend());
        } else if (event instanceof PoolClosed) {
            close();
        }
    }

    private synchronized void add(Backend backend) {
        if (!closed && gauges.size() < PoolMetrics.MAX_BACKENDS) {
            gauges.computeIfAbsent(
                    backend.id(),
                    id -> List.of(
                            gauge("evenkeel.connections.open", "open connections", id, BackendConnections::open),
                            gauge(
                                    "evenkeel.connections.idle",
                                    "open ones without a call",
                                    id,
                                    BackendConnections::idle)));
        }
    }

    private Meter gauge(String name, String description, String id, ToIntFunction<BackendConnections> value) {
        return Gauge.builder(name, () -> read(id, value))
                .description(description)
                .tags(tags.and("backend", id))
                .register(registry);
    }

    private double read(String id, ToIntFunction<BackendConnections> value) {
        @Nullable BackendConnections now = counts.of(pool.name(), id);
        return now == null ? Double.NaN : value.applyAsInt(now);
    }

    private synchronized void remove(Backend backend) {
        List<Meter> gone = gauges.remove(backend.id());
        if (gone != null) {
            gone.forEach(registry::remove);
        }
    }

    synchronized void close() {
        closed = true;
        pool.removeListener(this);
        gauges.values().forEach(pair -> pair.forEach(registry::remove));
        gauges.clear();
    }
}
