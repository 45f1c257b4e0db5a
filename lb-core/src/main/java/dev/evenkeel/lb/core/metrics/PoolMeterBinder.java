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
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The meters of a pool in one registry, shared by all binders of the same pool with the same tags. */
final class PoolMeterBinder implements LoadBalancerListener {
    private static final String OTHER = "other";

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
    private final SnapshotCache status;
    private final PoolGauges gauges;
    private final Map<String, BackendMeters> backends = new ConcurrentHashMap<>();
    private final List<Meter> meters = new ArrayList<>();
    private final AttemptObserver observer = new Observer();
    private final BackendMeters other;
    private volatile String strategy = "";
    private final CallMeters calls;
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
        this.status = new SnapshotCache(pool, this::follow);
        this.gauges = new PoolGauges(registry, pool, status, tags);
        this.other = new BackendMeters(registry, tags.and("backend", OTHER));
        this.calls = new CallMeters(registry, tags);
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

    private void start() {
        gauges.register();
        // First, since a backend's joining may be delivered at once, and its picks are counted under the strategy.
        strategy = pool.snapshot().strategy();
        pool.addListener(this);
        pool.addObserver(observer);
        pool.snapshot().backends().forEach(present -> meters(present.backend()));
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

        @Override
        public void callEnded(CallOutcome outcome, long durationNanos) {
            calls.ended(outcome, durationNanos);
        }
    }

    private Counter counter(String name, String description) {
        Counter counter =
                Counter.builder(name).description(description).tags(tags).register(registry);
        meters.add(counter);
        return counter;
    }

    /** Follows a change of the strategy: each strategy has its own picks. */
    private synchronized void follow(PoolSnapshot now) {
        if (now.strategy().equals(strategy)) {
            return;
        }
        strategy = now.strategy();
        for (BackendStatus present : now.backends()) {
            String id = present.backend().id();
            BackendMeters own = backends.get(id);
            if (own != null) {
                own.pickedBy(strategy, () -> status.of(id), present.requests());
            }
        }
    }

    private void meters(Backend backend) {
        String id = backend.id();
        if (backends.size() < PoolMetrics.MAX_BACKENDS && !backends.containsKey(id)) {
            long before = status.requestsOf(id);
            backends.computeIfAbsent(id, key -> {
                BackendMeters own = new BackendMeters(registry, tags.and("backend", key));
                own.read(() -> status.of(key));
                own.pickedBy(strategy, () -> status.of(key), before);
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
        gauges.close();
        calls.close();
        meters.forEach(registry::remove);
    }
}
