package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.PoolFigures.CheckFigures;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.CheckedHealth;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The active health checks of a pool: which backends are checked, and how results change their state. */
public final class ActiveHealthChecks {
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final CircuitBreakers breakers;
    private final OutlierEjector ejections;
    private volatile @Nullable HealthChecker checker;

    // Guarded by the writer's lock.
    /** The present start of each backend's checks; results of an earlier start are ignored. */
    private final IdentityHashMap<BackendState, Checked> running = new IdentityHashMap<>();

    private CheckedHealth latest = CheckedHealth.UNKNOWN;

    public ActiveHealthChecks(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            SnapshotPublisher writer,
            CircuitBreakers breakers,
            OutlierEjector ejections) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.breakers = breakers;
        this.ejections = ejections;
        this.checker = checker(config.get().healthCheck());
    }

    private @Nullable HealthChecker checker(@Nullable HealthCheckPolicy wanted) {
        return wanted == null
                ? null
                : new HealthChecker(wanted, runtime.scheduler(), runtime.checkExecutor(), runtime.random());
    }

    // Under the writer's lock.

    /**
     * Starts checks under another policy. Earlier results hold until the new checks have decided, and are dropped if
     * there are no checks any more.
     */
    public void reloaded(PoolConfig before) {
        HealthCheckPolicy next = config.get().healthCheck();
        if (Objects.equals(before.healthCheck(), next)) {
            return;
        }
        writer.nodes.values().forEach(this::stop);
        HealthChecker former = checker;
        if (former != null) {
            writer.afterwards(former::close);
        }
        checker = checker(next);
        for (BackendState node : writer.nodes.values()) {
            if (next == null) {
                forget(node);
            } else if (!node.isRemoved() && node.adminState() != AdminState.MAINTENANCE) {
                start(node);
            }
        }
    }

    /** Discards what is known of the backend's health. */
    public void forget(BackendState node) {
        HealthCheckPolicy policy = config.get().healthCheck();
        boolean awaited = policy != null && policy.initialState() == HealthState.DOWN;
        node.checkedHealth(awaited ? CheckedHealth.AWAITED : CheckedHealth.UNKNOWN);
    }

    /**
     * Starts the checks, or restarts them with another description; the health holds until the first check has decided.
     */
    public void start(BackendState node) {
        HealthChecker present = checker;
        if (present != null) {
            stop(node);
            Checked checked = new Checked(node, node.backend());
            running.put(node, checked);
            checked.checks = present.start(checked);
        }
    }

    public void stop(BackendState node) {
        Checked checked = running.remove(node);
        Cancellable checks = checked == null ? null : checked.checks;
        if (checks != null) {
            // Cancelling a check runs application code, and may start other checks.
            writer.afterwards(checks::cancel);
        }
    }

    /** The last result of the present checks; null without one. */
    public @Nullable CheckFigures lastCheck(BackendState node, long nowNanos) {
        Checked checked = running.get(node);
        LastCheck last = checked == null ? null : checked.last;
        return last == null
                ? null
                : new CheckFigures(
                        last.result.state(),
                        last.result.cause(),
                        Duration.ofNanos(last.durationNanos),
                        Duration.ofNanos(Math.max(0, nowNanos - last.atNanos)),
                        last.count,
                        last.needed);
    }

    /** When the present checks last changed the health; null if they have not. */
    public @Nullable Long changedNanos(BackendState node) {
        Checked checked = running.get(node);
        return checked == null ? null : checked.changedNanos;
    }

    // Without the lock.

    public void close() {
        HealthChecker present = checker;
        if (present != null) {
            present.close();
        }
    }

    /**
     * Applies a result. Returns false if no backend's eligibility has changed, so that the first checks of a large pool
     * do not cause a thousand snapshots.
     */
    private boolean found(BackendState node, HealthState state, String cause) {
        HealthState before = node.checkedHealth().state();
        boolean first = node.awaitsFirstCheck();
        node.checkedHealth(finding(state, cause));
        if (before == state) {
            return first;
        }
        if (before == HealthState.DOWN) {
            breakers.forget(node, "its health check succeeds again");
            ejections.forget(node, "its health check succeeds again");
            node.forgetFailures();
        }
        writer.tell(new HealthChanged(runtime.name(), Instant.now(), node.backend(), before, state, cause));
        return before != HealthState.UNKNOWN || state != HealthState.UP;
    }

    /** A shared instance, since most of a pool's checks find the same. */
    private CheckedHealth finding(HealthState state, String cause) {
        if (latest.state() != state || !latest.cause().equals(cause)) {
            latest = new CheckedHealth(state, cause);
        }
        return latest;
    }

    private record LastCheck(HealthResult result, long durationNanos, long atNanos, int count, int needed) {}

    /** One start of the checks of one backend: results of an earlier start are out of date. */
    private final class Checked implements HealthChecker.Subject {
        private final BackendState node;
        private final Backend backend;

        @Nullable
        Cancellable checks;

        /** Written by the start of a check, read by its end, which may be another thread. */
        private volatile long startNanos;

        private volatile @Nullable LastCheck last;
        private volatile @Nullable Long changedNanos;

        Checked(BackendState node, Backend backend) {
            this.node = node;
            this.backend = backend;
        }

        @Override
        public Backend backend() {
            return backend;
        }

        @Override
        public boolean provenWithin(Duration period) {
            return node.proven().isProvenSince(runtime.timeSource().nanoTime() - period.toNanos());
        }

        @Override
        public void succeeded() {
            node.takeFailureBack(runtime.timeSource().nanoTime());
        }

        @Override
        public void begins() {
            startNanos = runtime.timeSource().nanoTime();
        }

        @Override
        public void checked(HealthResult result, int count, int needed) {
            long nowNanos = runtime.timeSource().nanoTime();
            last = new LastCheck(result, nowNanos - startNanos, nowNanos, count, needed);
        }

        @Override
        public void undecided(String cause) {
            writer.updateIf(node, () -> {
                if (running.get(node) == this && node.checkedHealth().state() == HealthState.UNKNOWN) {
                    node.checkedHealth(finding(HealthState.UNKNOWN, cause));
                }
                return false;
            });
        }

        @Override
        public void health(HealthState state, String cause) {
            changedNanos = runtime.timeSource().nanoTime();
            writer.updateIf(node, () -> running.get(node) == this && found(node, state, cause));
        }
    }
}
