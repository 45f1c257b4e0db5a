package dev.evenkeel.lb.core.internal.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.health.ActiveHealthChecks;
import dev.evenkeel.lb.core.internal.health.CircuitBreakers;
import dev.evenkeel.lb.core.internal.health.LoadReportPoller;
import dev.evenkeel.lb.core.internal.health.OutlierEjector;
import dev.evenkeel.lb.core.internal.health.RetryAfterCooldowns;
import dev.evenkeel.lb.core.internal.limit.AdaptiveLimitUpdater;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.internal.snapshot.StatusReporter;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Registry of a pool's backends: membership, administration, and the results of active checks and discovery. Every
 * change goes through the {@link SnapshotPublisher}.
 */
public final class Registry implements BackendRegistry {
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final PoolStats poolStats;
    private final SnapshotPublisher writer;
    private final Drains drains;
    private final CircuitBreakers breakers;
    private final OutlierEjector ejections;
    private final RetryAfterCooldowns cooldowns;
    private final AdaptiveLimitUpdater limits;
    private final PickerFaults pickerFaults;
    private final ActiveHealthChecks checks;
    private final Administration administration;
    private final LoadReportPoller loadReports;
    private volatile DiscoverySubscription subscription;
    /** State of backends that have left, which they get back if they return. */
    private final Cache<String, BackendState> departed;

    // Guarded by the writer's lock.
    private final BackendListDiff listDiff;

    public Registry(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            PoolStats poolStats,
            SnapshotPublisher writer,
            CircuitBreakers breakers,
            OutlierEjector ejections,
            RetryAfterCooldowns cooldowns,
            AdaptiveLimitUpdater limits,
            PickerFaults pickerFaults) {
        this.pickerFaults = pickerFaults;
        this.runtime = runtime;
        this.config = config;
        this.poolStats = poolStats;
        this.writer = writer;
        this.listDiff = new BackendListDiff(writer.nodes);
        this.drains = new Drains(runtime, config, writer, this::forget);
        this.breakers = breakers;
        this.ejections = ejections;
        this.cooldowns = cooldowns;
        this.limits = limits;
        this.departed = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfterWrite(REMEMBERED)
                .ticker(runtime.timeSource()::nanoTime)
                .executor(Runnable::run)
                .build();
        this.checks = new ActiveHealthChecks(runtime, config, writer, breakers, ejections);
        this.administration = new Administration(runtime, writer, drains, checks, this::forgetObservations);
        this.loadReports = new LoadReportPoller(runtime, config, writer, administration::apply, this::reported);
        this.subscription = new DiscoverySubscription(runtime, config, writer, this);
    }

    /** Registers the configured backends and starts the background tasks. */
    public void start() {
        writer.updateNow(() -> config.get().backends().forEach(this::join));
        BackendDiscovery discovery = config.get().discovery();
        if (discovery != null) {
            subscription.start(discovery);
        }
    }

    /**
     * Under the lock: acts on a reload.
     *
     * @return what to do when the lock is released
     */
    public Runnable reloaded(PoolConfig before) {
        PoolConfig next = config.get();
        breakers.reloaded(before);
        ejections.reloaded(before);
        checks.reloaded(before);
        loadReports.reloaded(before);
        if (before.discovery() == next.discovery() && before.honoursEmptyDiscovery() == next.honoursEmptyDiscovery()) {
            if (next.discovery() == null) {
                follow(before.backends(), next.backends());
            }
            return () -> {};
        }
        DiscoverySubscription former = subscription;
        DiscoverySubscription present = new DiscoverySubscription(runtime, config, writer, this);
        subscription = present;
        follow(before.backends(), next.backends());
        BackendDiscovery discovery = next.discovery();
        return () -> {
            former.close();
            if (discovery != null) {
                present.start(discovery);
            }
        };
    }

    /** Applies the difference between two configured lists. Leaves an operator's own changes alone. */
    private void follow(List<Backend> before, List<Backend> after) {
        Map<String, Backend> former = BackendListDiff.distinct(runtime.name(), before);
        Map<String, Backend> wanted = BackendListDiff.distinct(runtime.name(), after);
        List<BackendState> leaving = new ArrayList<>();
        // An empty list means that the pool waits for its discovery. It must not remove the discovered backends.
        if (!wanted.isEmpty()) {
            former.keySet().stream()
                    .filter(id -> !wanted.containsKey(id))
                    .map(writer.nodes::get)
                    .filter(node -> node != null && !node.isRemoved())
                    .forEach(leaving::add);
        }
        boolean joined = false;
        for (Map.Entry<String, Backend> entry : wanted.entrySet()) {
            Backend backend = entry.getValue();
            if (!backend.equals(former.get(entry.getKey()))) {
                BackendState node = writer.nodes.get(entry.getKey());
                if (node == null || node.isRemoved()) {
                    join(backend);
                    joined = true;
                } else {
                    update(node, backend);
                }
            }
        }
        leave(leaving, joined);
    }

    long nanoTime() {
        return runtime.timeSource().nanoTime();
    }

    public long discoveryAgeNanos() {
        return subscription.ageNanos();
    }

    public PoolSnapshot describe() {
        return writer.read(() -> StatusReporter.describe(
                runtime.name(),
                config.get().strategy(),
                writer.current(),
                runtime.timeSource().nanoTime()));
    }

    /** Called when a call at a draining or leaving backend has ended. */
    public void callEnded(BackendState node) {
        drains.callEnded(node);
    }

    /** As {@link #callEnded}, on a timer: for callers that must not take the pool's lock. */
    public void callEndedSoon(BackendState node) {
        Scheduler.Cancellable unused = runtime.scheduler().schedule(() -> drains.callEnded(node), Duration.ZERO);
    }

    // Membership.

    @Override
    public void add(Backend backend) {
        writer.updateNow(() -> {
            BackendState node = writer.nodes.get(backend.id());
            if (node != null && !node.isRemoved()) {
                throw new IllegalArgumentException(
                        "backend id \"" + backend.id() + "\" is already in pool \"" + runtime.name() + "\"");
            }
            join(backend);
        });
    }

    @Override
    public CompletionStage<DrainReport> remove(String id) {
        CompletableFuture<DrainReport> done = new CompletableFuture<>();
        writer.updateNow(() -> leave(known(id), done));
        return done;
    }

    @Override
    public void replaceAll(Collection<Backend> backends) {
        List<Backend> wanted = List.copyOf(backends);
        writer.updateNow(() -> replace(wanted));
    }

    /** Applies a list from discovery. Ignored if another discovery has begun meanwhile. */
    void replaceAll(DiscoverySubscription from, Collection<Backend> backends) {
        List<Backend> wanted = List.copyOf(backends);
        writer.updateNow(() -> {
            if (from == subscription) {
                replace(wanted);
            }
        });
    }

    private void replace(List<Backend> wanted) {
        BackendListDiff.Difference difference = listDiff.compare(wanted);
        if (difference == null) {
            BackendListDiff.distinct(runtime.name(), wanted); // Throws an exception that names both backends.
            return;
        }
        boolean joined = false;
        for (int i = 0; i < difference.backends().size(); i++) {
            BackendState node = difference.present().get(i);
            if (node == null) {
                join(difference.backends().get(i));
                joined = true;
            } else {
                update(node, difference.backends().get(i));
            }
        }
        leave(difference.leaving(), joined);
        listDiff.settle(wanted);
    }

    /**
     * Removes backends after others have joined, which must be in the published snapshot by then: removed backends take
     * no more calls while the next snapshot is built, and a pool whose backends all change would have none.
     */
    private void leave(Collection<BackendState> leaving, boolean othersJoined) {
        if (othersJoined && !leaving.isEmpty()) {
            leaving.forEach(node -> node.outgoing(true));
            writer.publishSoFar();
        }
        leaving.forEach(node -> leave(node, new CompletableFuture<>()));
    }

    @Override
    public void setWeight(String id, int weight) {
        Backend.checkWeight(weight);
        writer.updateNow(() -> {
            BackendState node = known(id);
            update(node, node.backend().withWeight(weight));
        });
    }

    private void join(Backend backend) {
        BackendState node = writer.nodes.get(backend.id());
        if (node == null) {
            node = departed.getIfPresent(backend.id());
            if (node == null) {
                node = new BackendState(backend, poolStats);
            } else {
                departed.invalidate(backend.id());
            }
            writer.nodes.put(node);
        }
        listDiff.disturb();
        writer.touch(node);
        node.removed(false);
        node.outgoing(false);
        node.backend(backend);
        limits.join(node);
        administration.reset(node);
        forgetObservations(node, "added again");
        loadReports.forget(node);
        checks.start(node);
        loadReports.start(node);
        writer.tell(new BackendAdded(runtime.name(), Instant.now(), backend));
    }

    private void update(BackendState node, Backend backend) {
        Backend before = node.backend();
        if (before.equals(backend)) {
            return;
        }
        listDiff.disturb();
        writer.touch(node);
        node.backend(backend);
        if (!before.uri().equals(backend.uri())) {
            checks.start(node);
        }
        if (!before.uri().equals(backend.uri()) || !before.metadata().equals(backend.metadata())) {
            loadReports.start(node);
        }
        writer.tell(new BackendUpdated(runtime.name(), Instant.now(), before, backend));
    }

    private void forget(BackendState node) {
        writer.remove(node);
        departed.put(node.backend().id(), node);
    }

    private void leave(BackendState node, CompletableFuture<DrainReport> done) {
        listDiff.disturb();
        writer.touch(node);
        node.removed(true);
        checks.stop(node);
        loadReports.stop(node);
        drains.begin(node, done, DEFAULT_DRAIN_DEADLINE);
    }

    // Administration.

    @Override
    public CompletionStage<DrainReport> drain(String id, Duration deadline) {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("drain deadline must be positive: " + deadline);
        }
        CompletableFuture<DrainReport> done = new CompletableFuture<>();
        writer.updateNow(() -> administration.drain(known(id), done, deadline));
        return done;
    }

    @Override
    public void maintenance(String id) {
        writer.updateNow(() -> administration.maintain(known(id)));
    }

    @Override
    public void activate(String id) {
        writer.updateNow(() -> administration.activate(known(id)));
    }

    // Observation.

    private void forgetObservations(BackendState node, String cause) {
        checks.forget(node);
        ejections.forget(node, cause);
        breakers.forget(node, cause);
        cooldowns.forget(node, cause);
    }

    /** Handles a load report that a backend has sent. */
    private void reported(BackendState node, LoadReport report) {
        Picker picker = node.picker();
        if (picker != null) {
            reported(node, picker, report);
        }
    }

    public void reported(BackendState node, Picker picker, LoadReport report) {
        try {
            picker.reported(node, report, nanoTime());
        } catch (RuntimeException | Error e) {
            pickerFaults.threw(picker, e);
            Containment.rethrowFatal(e);
        }
    }

    private BackendState known(String id) {
        BackendState node = writer.nodes.get(id);
        if (node == null || node.isRemoved()) {
            throw new IllegalArgumentException("pool \"" + runtime.name() + "\" has no backend \"" + id + "\"; it has "
                    + writer.nodes.values().stream()
                            .filter(other -> !other.isRemoved())
                            .toList());
        }
        return node;
    }

    public void close() {
        boolean first = writer.close(() -> {
            writer.nodes.values().forEach(drains::callOff);
            writer.tell(new PoolClosed(runtime.name(), Instant.now()));
        });
        if (!first) {
            return;
        }
        try {
            subscription.close();
        } finally {
            try {
                checks.close();
                loadReports.close();
            } finally {
                runtime.scheduler().close();
            }
        }
    }
}
