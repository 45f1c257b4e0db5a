package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.PoolFigures.BackendFigures;
import dev.evenkeel.lb.PoolFigures.ErrorFigures;
import dev.evenkeel.lb.PoolFigures.WeightSource;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Registry of a pool's backends: each of its methods is one change, which goes through the {@link SnapshotPublisher}.
 * Which backends are members is with {@link Membership}, what an operator wants with {@link Administration}.
 */
public final class Registry implements BackendRegistry {
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final Drains drains;
    private final CircuitBreakers breakers;
    private final OutlierEjector ejections;
    private final RetryAfterCooldowns cooldowns;
    private final PickerFaults pickerFaults;
    private final ActiveHealthChecks checks;
    private final Administration administration;
    private final Membership membership;
    private final LoadReportPoller loadReports;
    private final DepartedBackends departed;
    private volatile DiscoverySubscription subscription;
    private volatile boolean hadLoadReports;
    private volatile boolean hasReloaded;
    private volatile long reloadNanos;

    public Registry(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            PoolStats poolStats,
            SnapshotPublisher writer,
            OpenLeases leases,
            CircuitBreakers breakers,
            OutlierEjector ejections,
            RetryAfterCooldowns cooldowns,
            AdaptiveLimitUpdater limits,
            PickerFaults pickerFaults) {
        this.pickerFaults = pickerFaults;
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.departed = new DepartedBackends(poolStats, runtime.timeSource(), this::forgetDepartedAfter);
        this.drains = new Drains(runtime, config, writer, leases, node -> {
            writer.remove(node);
            departed.remember(node);
            breakers.departed(node);
        });
        this.breakers = breakers;
        this.ejections = ejections;
        this.cooldowns = cooldowns;
        this.checks = new ActiveHealthChecks(runtime, config, writer, breakers, ejections);
        this.administration = new Administration(runtime, config, writer, drains, checks, this::forgetObservations);
        this.loadReports = new LoadReportPoller(runtime, config, writer, administration::apply, this::reported);
        this.membership = new Membership(
                runtime.name(),
                config,
                writer,
                drains,
                administration,
                checks,
                loadReports,
                limits,
                departed,
                this::forgetObservations);
        this.subscription = new DiscoverySubscription(runtime, config, writer, this);
    }

    /** Registers the configured backends and starts the background tasks. */
    public void start() {
        writer.updateNow(
                () -> config.get().backends().forEach(backend -> membership.join(backend, WeightSource.CONFIGURATION)));
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
        reloadNanos = nanoTime();
        hasReloaded = true;
        breakers.reloaded(before);
        ejections.reloaded(before);
        checks.reloaded(before);
        loadReports.reloaded(before);
        if (before.discovery() == next.discovery() && before.honoursEmptyDiscovery() == next.honoursEmptyDiscovery()) {
            if (next.discovery() == null) {
                membership.follow(before.backends(), next.backends());
            }
            return () -> {};
        }
        DiscoverySubscription former = subscription;
        DiscoverySubscription present = new DiscoverySubscription(runtime, config, writer, this);
        subscription = present;
        membership.follow(before.backends(), next.backends());
        BackendDiscovery discovery = next.discovery();
        return () -> {
            try {
                former.close();
            } finally {
                if (discovery != null) {
                    present.start(discovery);
                }
            }
        };
    }

    long nanoTime() {
        return runtime.timeSource().nanoTime();
    }

    public long discoveryAgeNanos() {
        return subscription.ageNanos();
    }

    public boolean discoveryFails() {
        return subscription.isFailing();
    }

    public @Nullable String discoveryFault() {
        return subscription.fault();
    }

    public @Nullable ErrorFigures discoveryError() {
        return subscription.lastError();
    }

    /** What the source says of itself; null if it says nothing. */
    public @Nullable String discoverySource() {
        BackendDiscovery discovery = config.get().discovery();
        return discovery == null ? null : DiscoveryName.of(discovery);
    }

    public boolean hasChecks() {
        return config.get().healthCheck() != null;
    }

    /** The time since the last reload; -1 without one. */
    public long reloadAgeNanos() {
        return hasReloaded ? Math.max(0, nanoTime() - reloadNanos) : -1;
    }

    /** By id, for operators. */
    public Map<String, BackendFigures> backendFigures() {
        return writer.read(() -> OperatorFigures.describe(
                writer.current().all(), checks, runtime.timeSource().nanoTime()));
    }

    public PoolSnapshot describe() {
        return writer.readPublished(() -> StatusReporter.describe(
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

    /** Called after each new snapshot, when the lock is released. */
    public void published() {
        subscription.published();
    }

    // Membership.

    @Override
    public void add(Backend backend) {
        writer.updateNow(() -> {
            membership.add(backend, WeightSource.REGISTRY);
        });
    }

    @Override
    public CompletionStage<DrainReport> remove(String id) {
        CompletableFuture<DrainReport> done = new CompletableFuture<>();
        writer.updateNow(() -> membership.leave(membership.known(id), done));
        return done;
    }

    @Override
    public void replaceAll(Collection<Backend> backends) {
        List<Backend> wanted = List.copyOf(backends);
        writer.updateNow(() -> membership.replace(wanted, Set.of()));
    }

    /** Applies a list from discovery. Ignored if another discovery has begun meanwhile. */
    void replaceAll(DiscoverySubscription from, Collection<Backend> backends, Set<String> replaced) {
        List<Backend> wanted = List.copyOf(backends);
        writer.updateFound(() -> {
            if (from == subscription) {
                membership.replace(wanted, replaced);
            }
        });
    }

    @Override
    public void setWeight(String id, int weight) {
        Backend.checkWeight(weight);
        writer.updateNow(() -> {
            BackendState node = membership.known(id);
            membership.update(node, node.backend().withWeight(weight), WeightSource.OPERATOR);
        });
    }

    // Administration.

    @Override
    public DrainPolicy drainPolicy() {
        return config.get().drains();
    }

    @Override
    public CompletionStage<DrainReport> drain(String id, DrainPolicy policy) {
        CompletableFuture<DrainReport> done = new CompletableFuture<>();
        writer.updateNow(() -> administration.drain(membership.known(id), done, policy));
        return done;
    }

    @Override
    public void maintenance(String id) {
        writer.updateNow(() -> administration.maintain(membership.known(id)));
    }

    @Override
    public void activate(String id) {
        writer.updateNow(() -> administration.activate(membership.known(id)));
    }

    // Backends that have left.

    /** Forgets backends that left long ago, if there are any: on the call path, in case that timers are late. */
    public void forgetDeparted(long nowNanos) {
        if (departed.isDue(nowNanos)) {
            writer.updateIf(null, () -> {
                departed.forgetExpired();
                return false;
            });
        }
    }

    private void forgetDepartedAfter(Duration wait) {
        Scheduler.Cancellable unused = runtime.scheduler()
                .schedule(
                        () -> writer.updateIf(null, () -> {
                            departed.timerExpired();
                            return false;
                        }),
                        wait);
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

    /** Whether a backend has ever sent a load report. */
    public boolean hasHadLoadReports() {
        return hadLoadReports;
    }

    public void reported(BackendState node, Picker picker, LoadReport report) {
        if (!hadLoadReports) {
            hadLoadReports = true;
        }
        try {
            picker.reported(node, report, nanoTime());
        } catch (RuntimeException | Error e) {
            pickerFaults.threw(picker, e);
            Containment.rethrowFatal(e);
        }
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
