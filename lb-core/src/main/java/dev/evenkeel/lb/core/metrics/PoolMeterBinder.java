package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The meters of a pool in one registry, shared by all binders of the same pool with the same tags. */
final class PoolMeterBinder implements LoadBalancerListener {
    private static final String OTHER = "other";
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * Held by their pools. Guarded by itself; the lock is held for nothing else, since pools deliver events under locks
     * of their own.
     */
    private static final Map<MeterRegistry, List<WeakReference<PoolMeterBinder>>> ALL = new WeakHashMap<>();

    private final MeterRegistry registry;
    private final LoadBalancer pool;
    private final Tags tags;
    /** Guarded by ALL. */
    private final Set<PoolMetrics> owners = Collections.newSetFromMap(new IdentityHashMap<>());

    private volatile boolean closed;
    private volatile @Nullable View view;
    /** The backends that have joined lately, of which there may be many. */
    private volatile @Nullable View joins;

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

    private PoolMeterBinder(MeterRegistry registry, LoadBalancer pool, Tags tags) {
        this.registry = registry;
        this.pool = pool;
        this.tags = tags;
        this.other = new BackendMeters(registry, tags.and("backend", OTHER));
        this.retries = counter("evenkeel.retries", "further attempts after a failure");
        this.hedges = counter("evenkeel.hedges", "second requests beside a slow first");
        this.ejections = counter("evenkeel.ejections", "backends ejected as outliers");
        this.healthChanges = counter("evenkeel.health.changes", "changes of what active checks have found");
        this.breakerChanges = counter("evenkeel.breaker.changes", "changes of circuit breakers");
        this.discoveryFailures = counter("evenkeel.discovery.failures", "lists that could not be found or used");
    }

    static PoolMeterBinder join(PoolMetrics owner, MeterRegistry registry, LoadBalancer pool, Tags tags) {
        // Discarded if there is one already: its counters are the same then.
        PoolMeterBinder made = new PoolMeterBinder(registry, pool, tags);
        PoolMeterBinder joined;
        synchronized (ALL) {
            List<WeakReference<PoolMeterBinder>> ofRegistry =
                    ALL.computeIfAbsent(registry, unknown -> new ArrayList<>());
            ofRegistry.removeIf(known -> known.get() == null);
            PoolMeterBinder present = find(ofRegistry, pool, tags);
            joined = present == null ? made : present;
            if (present == null) {
                ofRegistry.add(new WeakReference<>(made));
            }
            joined.owners.add(owner);
        }
        if (joined.equals(made)) {
            made.start();
        }
        return joined;
    }

    @SuppressWarnings("ReferenceEquality") // this very pool
    private static @Nullable PoolMeterBinder find(
            List<WeakReference<PoolMeterBinder>> all, LoadBalancer pool, Tags tags) {
        for (WeakReference<PoolMeterBinder> known : all) {
            PoolMeterBinder binding = known.get();
            if (binding != null && binding.pool == pool && binding.tags.equals(tags)) {
                return binding;
            }
        }
        return null;
    }

    /** The last owner that leaves removes the meters. */
    void leave(PoolMetrics owner) {
        boolean last;
        synchronized (ALL) {
            owners.remove(owner);
            last = owners.isEmpty();
            if (last) {
                forget();
            }
        }
        if (last) {
            close();
        }
    }

    /** A later owner gets a new object. */
    private void forget() {
        List<WeakReference<PoolMeterBinder>> ofRegistry = ALL.get(registry);
        if (ofRegistry != null) {
            ofRegistry.removeIf(known -> known.refersTo(this));
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** The values that gauges read, taken at one moment. */
    private record View(long takenNanos, PoolSnapshot snapshot, Map<String, BackendStatus> byId) {}

    private View view() {
        View present = view;
        if (present == null || isStale(present)) {
            present = look();
            view = present;
            follow(present.snapshot());
        }
        return present;
    }

    private static boolean isStale(View view) {
        return System.nanoTime() - view.takenNanos() > FRESH_NANOS;
    }

    private View look() {
        PoolSnapshot snapshot = pool.snapshot();
        Map<String, BackendStatus> byId = new HashMap<>();
        snapshot.backends().forEach(status -> byId.put(status.backend().id(), status));
        return new View(System.nanoTime(), snapshot, byId);
    }

    private @Nullable BackendStatus status(String id) {
        return view().byId().get(id);
    }

    /** The requests before it is counted: a backend that returns keeps its counts. */
    private long requestsOf(String id) {
        View joining = joins;
        if (joining == null || isStale(joining) || !joining.byId().containsKey(id)) {
            joining = look();
            joins = joining;
        }
        BackendStatus status = joining.byId().get(id);
        return status == null ? 0 : status.requests();
    }

    private void start() {
        gauge(
                "evenkeel.backends",
                "backends that can be chosen, and backends that cannot",
                tags.and("state", "eligible"),
                () -> eligible(true));
        gauge(
                "evenkeel.backends",
                "backends that can be chosen, and backends that cannot",
                tags.and("state", "ineligible"),
                () -> eligible(false));
        gauge(
                "evenkeel.tiers.panic",
                "tiers in panic: too few of them are healthy, so health is ignored",
                tags,
                () -> view().snapshot().tiers().stream()
                        .filter(TierStatus::panic)
                        .count());
        gauge(
                "evenkeel.queue.size",
                "requests that wait for room",
                tags,
                () -> pool.figures().queued());
        meters.add(
                TimeGauge.builder("evenkeel.latency.p95", () -> pool.figures().latencyP95Nanos(), TimeUnit.NANOSECONDS)
                        .description("the pool's running 95th percentile")
                        .tags(tags)
                        .register(registry));
        meters.add(TimeGauge.builder("evenkeel.discovery.age", this::discoveryAge, TimeUnit.NANOSECONDS)
                .description("time since the last good list")
                .tags(tags)
                .register(registry));
        // First, since a backend's joining may be delivered at once, and its picks are counted under the strategy.
        strategy = pool.snapshot().strategy();
        pool.addListener(this);
        pool.addObserver(observer);
        pool.snapshot().backends().forEach(status -> meters(status.backend()));
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

    private void gauge(String name, String description, Tags with, Supplier<Number> value) {
        meters.add(
                Gauge.builder(name, value).description(description).tags(with).register(registry));
    }

    /** Follows a change of the strategy: each strategy has its own picks. */
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

    private void meters(Backend backend) {
        String id = backend.id();
        if (backends.size() < PoolMetrics.MAX_BACKENDS && !backends.containsKey(id)) {
            long before = requestsOf(id);
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
            meters(added.backend());
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

    private void close() {
        closed = true;
        synchronized (ALL) {
            forget();
        }
        pool.removeListener(this);
        pool.removeObserver(observer);
        backends.values().forEach(BackendMeters::close);
        backends.clear();
        other.close();
        meters.forEach(registry::remove);
    }
}
