package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.LoadReportState;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.runtime.LogText;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadReading;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Polls backends for load reports, separately from calls, and applies the reports. It uses the intervals, threads and
 * slots of health checks: a poll is a check that only finds whether there was a response.
 */
public final class LoadReportPoller {
    private static final int MAX_CAUSE = 500;

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final BiPredicate<BackendState, AdminState> administration;
    private final BiConsumer<BackendState, LoadReport> reports;
    private volatile @Nullable HealthChecker poller;
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();

    /**
     * Begins without backends.
     *
     * @param administration sets the admin state, under the writer's lock; false if it is set already
     * @param reports hands a report to the strategy
     */
    public LoadReportPoller(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            SnapshotPublisher writer,
            BiPredicate<BackendState, AdminState> administration,
            BiConsumer<BackendState, LoadReport> reports) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.administration = administration;
        this.reports = reports;
        this.poller = poller(config.get().loadReports());
    }

    private @Nullable HealthChecker poller(@Nullable LoadReportPolicy wanted) {
        return wanted == null
                ? null
                : new HealthChecker(
                        asCheck(wanted),
                        CheckPace.of(wanted.maxPerSecond(), runtime.timeSource()),
                        runtime.scheduler(),
                        runtime.checkExecutor(),
                        runtime.random());
    }

    private HealthCheckPolicy asCheck(LoadReportPolicy policy) {
        HealthCheck check = (backend, timeout) -> {
            CompletionStage<LoadReading> reading = policy.source().read(backend, timeout);
            return reading == null
                    ? CompletableFuture.completedFuture(HealthResult.unhealthy("the reading is null"))
                    : received(backend, reading);
        };
        return HealthCheckPolicy.builder(check)
                .interval(policy.interval())
                .fastInterval(policy.interval())
                .timeout(policy.timeout())
                .build();
    }

    private CompletionStage<HealthResult> received(Backend backend, CompletionStage<LoadReading> reading) {
        CompletableFuture<HealthResult> result = new CompletableFuture<>();
        CompletionStage<LoadReading> unused = reading.whenComplete((answer, error) -> {
            if (answer == null) {
                result.complete(HealthResult.unhealthy(error == null ? "the reading is null" : Printable.of(error)));
            } else if (!result.isDone()) {
                try {
                    Asked subject = asked.get(backend.id());
                    if (subject != null && subject.backend.equals(backend)) {
                        subject.answered(answer);
                    }
                } finally {
                    result.complete(HealthResult.healthy("answered"));
                }
            }
        });
        CompletableFuture<HealthResult> unusedToo = result.whenComplete((r, e) -> {
            if (e != null) {
                cancel(reading);
            }
        });
        return result;
    }

    private static void cancel(CompletionStage<LoadReading> reading) {
        try {
            reading.toCompletableFuture().cancel(true);
        } catch (UnsupportedOperationException e) {
            // A stage need not support toCompletableFuture; then it cannot be cancelled.
        }
    }

    // Under the writer's lock.

    /**
     * Polls other sources. Earlier reports hold until the first new ones, and are dropped if there is no source any
     * more.
     */
    public void reloaded(PoolConfig before) {
        LoadReportPolicy next = config.get().loadReports();
        if (Objects.equals(before.loadReports(), next)) {
            return;
        }
        writer.nodes.values().forEach(this::stop);
        HealthChecker former = poller;
        if (former != null) {
            writer.afterwards(former::close);
        }
        poller = poller(next);
        for (BackendState node : writer.nodes.values()) {
            if (next == null) {
                forget(node);
            } else if (!node.isRemoved()) {
                start(node);
            }
        }
    }

    /** Starts polling, or restarts it with another description; earlier reports hold. */
    public void start(BackendState node) {
        HealthChecker present = poller;
        if (present != null) {
            stop(node);
            Asked subject = new Asked(node, node.backend());
            asked.put(node.backend().id(), subject);
            node.ownLoadReport().poller(present.start(subject));
        }
    }

    public void stop(BackendState node) {
        Cancellable running = node.loadReport().poller();
        if (running != null) {
            // As in ActiveHealthChecks: cancelling runs application code.
            writer.afterwards(running::cancel);
            asked.remove(node.backend().id());
            node.ownLoadReport().poller(null);
        }
    }

    /** Discards the backend's reports. */
    public void forget(BackendState node) {
        if (node.loadReport() != LoadReportState.NONE) {
            node.ownLoadReport().forget();
        }
    }

    // Without the lock.

    public void close() {
        HealthChecker present = poller;
        if (present != null) {
            present.close();
        }
    }

    private boolean apply(BackendState node, LoadReading reading) {
        LoadReportState own = node.ownLoadReport();
        boolean changed = false;
        Integer percent = reading.weightPercent();
        if (percent != null && percent != own.weightPercent()) {
            own.weightPercent(percent);
            changed = true;
        }
        Integer limit = reading.maxInFlight();
        if (limit != null && limit != own.maxInFlight()) {
            own.maxInFlight(limit);
            changed = true;
        }
        AdminState adminState = reading.adminState();
        if (adminState != null) {
            changed |= administration.test(node, adminState);
        }
        HealthState health = reading.health();
        return (health != null && applyHealth(node, health, Printable.of(reading.cause(), MAX_CAUSE))) || changed;
    }

    private boolean applyHealth(BackendState node, HealthState health, String cause) {
        HealthState before = node.effectiveHealth();
        node.ownLoadReport().downBecause(health == HealthState.DOWN ? (cause.isEmpty() ? "it says so" : cause) : null);
        HealthState after = node.effectiveHealth();
        if (before == after) {
            return false;
        }
        writer.tell(new HealthChanged(runtime.name(), Instant.now(), node.backend(), before, after, cause));
        return true;
    }

    /** One start of the polling of one backend: reports of an earlier start are out of date. */
    public final class Asked implements HealthChecker.Subject {
        private final BackendState node;
        private final Backend backend;
        private boolean silent;

        Asked(BackendState node, Backend backend) {
            this.node = node;
            this.backend = backend;
        }

        @Override
        public Backend backend() {
            return backend;
        }

        @Override
        public boolean provenWithin(Duration period) {
            return false;
        }

        void answered(LoadReading reading) {
            LoadReport report = reading.report();
            if (report != null) {
                reports.accept(node, report);
            }
            writer.updateIf(node, () -> asked.get(backend.id()) == this && apply(node, reading));
        }

        /** A silent agent changes nothing, but is logged. */
        @Override
        public void health(HealthState state, String cause) {
            boolean falls = state == HealthState.DOWN;
            if (falls != silent) {
                silent = falls;
                PoolLog log = runtime.events().log();
                if (falls) {
                    log.trouble(() ->
                            "backend " + LogText.id(backend) + " does not report its load: " + LogText.cause(cause));
                } else {
                    log.news(() -> "backend " + LogText.id(backend) + " reports its load again");
                }
            }
        }
    }
}
