package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.TierStatus;
import dev.evenkeel.lb.event.AttemptObserver;
import dev.evenkeel.lb.event.LoadBalancerEvent;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.event.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.event.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.event.LoadBalancerListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Binds one pool to a Micrometer registry.
 *
 * <pre>{@code
 * new PoolMetrics(users).bindTo(registry);
 * }</pre>
 *
 * <table>
 * <caption>Meters; every one has the tag {@code pool}</caption>
 * <tr><th>name</th><th>kind</th><th>further tags</th><th>is</th></tr>
 * <tr><td>{@code evenkeel.attempts}</td><td>timer</td><td>backend, outcome</td><td>attempts that have ended, and the time to
 * the answer</td></tr>
 * <tr><td>{@code evenkeel.inflight}</td><td>gauge</td><td>backend</td><td>calls in flight</td></tr>
 * <tr><td>{@code evenkeel.backend.eligible}</td><td>gauge</td><td>backend</td><td>1 if it can be chosen, else 0</td></tr>
 * <tr><td>{@code evenkeel.backend.weight}</td><td>gauge</td><td>backend</td><td>the weight that the strategy sees</td></tr>
 * <tr><td>{@code evenkeel.backend.picks}</td><td>counter</td><td>backend, strategy</td><td>leases given out</td></tr>
 * <tr><td>{@code evenkeel.backends}</td><td>gauge</td><td>state: eligible, ineligible</td><td>how many</td></tr>
 * <tr><td>{@code evenkeel.tiers.panic}</td><td>gauge</td><td></td><td>tiers in panic</td></tr>
 * <tr><td>{@code evenkeel.retries}, {@code evenkeel.hedges}</td><td>counter</td><td></td><td>attempts that were not the first
 * of their call</td></tr>
 * <tr><td>{@code evenkeel.ejections}, {@code evenkeel.health.changes}, {@code evenkeel.breaker.changes},
 * {@code evenkeel.discovery.failures}</td><td>counter</td><td></td><td>events</td></tr>
 * <tr><td>{@code evenkeel.latency.p95}</td><td>gauge</td><td></td><td>the pool's running 95th percentile</td></tr>
 * <tr><td>{@code evenkeel.queue.size}</td><td>gauge</td><td></td><td>requests that wait in line</td></tr>
 * <tr><td>{@code evenkeel.discovery.age}</td><td>gauge</td><td></td><td>time since the last good list; NaN without
 * discovery</td></tr>
 * </table>
 *
 * <p>The tag {@code backend} is the backend's id. A backend that leaves takes its meters with it; beyond
 * {@link #MAX_BACKENDS} backends the others share the timers of {@code backend="other"}, and so do attempts that outlive their
 * backend. Closing the pool, or this object,
 * removes every meter. Gauges read a snapshot of the pool that is taken at most ten times a
 * second.
 *
 * <p>Timers publish what their registry's filters ask for, such as a histogram:
 * {@code MeterFilter} with {@code DistributionStatisticConfig}. Under another strategy
 * {@code evenkeel.backend.picks} begins anew.
 *
 * <p>Thread-safe. An attempt costs one look-up and one record of a timer.
 */
public final class PoolMetrics implements MeterBinder, AutoCloseable {
    /** Backends with meters of their own. */
    public static final int MAX_BACKENDS = 1_000;

    private static final String OTHER = "other";
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LoadBalancer pool;
    private final Tags tags;
    private final Map<MeterRegistry, Binding> bindings = new ConcurrentHashMap<>();
    private volatile @Nullable View view;

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
        Binding binding = new Binding(registry);
        if (bindings.putIfAbsent(registry, binding) == null) {
            binding.start();
        }
    }

    /** Removes every meter. The pool stays as it is. */
    @Override
    public void close() {
        bindings.values().forEach(Binding::close);
        bindings.clear();
    }

    /** What the gauges read, taken at one moment. */
    private record View(long takenNanos, PoolSnapshot snapshot, Map<String, BackendStatus> byId) {}

    private View view() {
        View present = view;
        long nowNanos = System.nanoTime();
        if (present == null || nowNanos - present.takenNanos() > FRESH_NANOS) {
            PoolSnapshot snapshot = pool.snapshot();
            Map<String, BackendStatus> byId = new ConcurrentHashMap<>();
            snapshot.backends().forEach(status -> byId.put(status.backend().id(), status));
            present = new View(nowNanos, snapshot, byId);
            view = present;
            bindings.values().forEach(binding -> binding.follow(snapshot));
        }
        return present;
    }

    private @Nullable BackendStatus status(String id) {
        return view().byId().get(id);
    }

    /** The meters of this pool in one registry. */
    private final class Binding implements LoadBalancerListener {
        private final MeterRegistry registry;
        private final Map<String, BackendMeters> backends = new ConcurrentHashMap<>();
        private final List<Meter> meters = new ArrayList<>();
        private final AttemptObserver observer = new Observer();
        private final BackendMeters other;
        private volatile String strategy = "";
        private final Counter retries;
        private final Counter hedges;
        private final Counter ejections;
        private final Counter healthChanges;
        private final Counter breakerChanges;
        private final Counter discoveryFailures;

        Binding(MeterRegistry registry) {
            this.registry = registry;
            this.other = new BackendMeters(registry, tags.and("backend", OTHER));
            this.retries = counter("evenkeel.retries", "further attempts after a failure");
            this.hedges = counter("evenkeel.hedges", "second requests beside a slow first");
            this.ejections = counter("evenkeel.ejections", "backends ejected as outliers");
            this.healthChanges = counter("evenkeel.health.changes", "changes of what active checks have found");
            this.breakerChanges = counter("evenkeel.breaker.changes", "changes of circuit breakers");
            this.discoveryFailures = counter("evenkeel.discovery.failures", "lists that could not be found or used");
        }

        void start() {
            gauge("evenkeel.backends", tags.and("state", "eligible"), () -> eligible(true));
            gauge("evenkeel.backends", tags.and("state", "ineligible"), () -> eligible(false));
            gauge(
                    "evenkeel.tiers.panic",
                    tags,
                    () -> view().snapshot().tiers().stream()
                            .filter(TierStatus::panic)
                            .count());
            gauge("evenkeel.queue.size", tags, () -> pool.figures().queued());
            meters.add(TimeGauge.builder(
                            "evenkeel.latency.p95", () -> pool.figures().latencyP95Nanos(), TimeUnit.NANOSECONDS)
                    .tags(tags)
                    .register(registry));
            meters.add(TimeGauge.builder("evenkeel.discovery.age", this::discoveryAge, TimeUnit.NANOSECONDS)
                    .tags(tags)
                    .register(registry));
            // First, since a backend's joining may be told at once, and its picks are counted under it.
            strategy = pool.snapshot().strategy();
            pool.addListener(this);
            pool.addObserver(observer);
            pool.snapshot().backends().forEach(status -> meters(status.backend(), 0));
        }

        private final class Observer implements AttemptObserver {
            @Override
            public void attemptStarted(Backend backend, AttemptKind kind) {
                switch (kind) {
                    case RETRY -> retries.increment();
                    case HEDGE -> hedges.increment();
                    case FIRST -> {}
                }
            }

            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                BackendMeters known = backends.get(backend.id());
                (known == null ? other : known).attempts(outcome).record(latencyNanos, TimeUnit.NANOSECONDS);
            }
        }

        private double discoveryAge() {
            long nanos = pool.figures().discoveryAgeNanos();
            return nanos < 0 ? Double.NaN : nanos;
        }

        private long eligible(boolean wanted) {
            return view().snapshot().backends().stream()
                    .filter(status -> status.isEligible() == wanted)
                    .count();
        }

        private Counter counter(String name, String description) {
            Counter counter =
                    Counter.builder(name).description(description).tags(tags).register(registry);
            meters.add(counter);
            return counter;
        }

        private void gauge(String name, Tags with, Supplier<Number> value) {
            meters.add(Gauge.builder(name, value).tags(with).register(registry));
        }

        /** Another strategy may be in force since: its picks are its own. */
        private synchronized void follow(PoolSnapshot now) {
            if (now.strategy().equals(strategy)) {
                return;
            }
            strategy = now.strategy();
            for (BackendStatus status : now.backends()) {
                String id = status.backend().id();
                BackendMeters own = backends.get(id);
                if (own != null) {
                    own.pickedBy(strategy, () -> status(id), status.requests());
                }
            }
        }

        private void meters(Backend backend, long before) {
            String id = backend.id();
            if (backends.size() < MAX_BACKENDS) {
                backends.computeIfAbsent(id, key -> {
                    BackendMeters own = new BackendMeters(registry, tags.and("backend", key));
                    own.read(() -> status(key));
                    own.pickedBy(strategy, () -> status(key), before);
                    return own;
                });
            }
        }

        @Override
        public void onEvent(LoadBalancerEvent event) {
            if (event instanceof BackendAdded added) {
                meters(added.backend(), 0);
            } else if (event instanceof BackendRemoved removed) {
                BackendMeters gone = backends.remove(removed.backend().id());
                if (gone != null) {
                    gone.close();
                }
            } else if (event instanceof BackendEjected) {
                ejections.increment();
            } else if (event instanceof HealthChanged) {
                healthChanges.increment();
            } else if (event instanceof BreakerChanged) {
                breakerChanges.increment();
            } else if (event instanceof DiscoveryFailed) {
                discoveryFailures.increment();
            } else if (event instanceof PoolClosed) {
                close();
            }
        }

        void close() {
            pool.removeListener(this);
            pool.removeObserver(observer);
            backends.values().forEach(BackendMeters::close);
            backends.clear();
            other.close();
            meters.forEach(registry::remove);
            bindings.remove(registry, this);
        }
    }
}
