package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.health.CircuitBreakers;
import dev.evenkeel.lb.core.internal.health.OutlierEjector;
import dev.evenkeel.lb.core.internal.health.RetryAfterCooldowns;
import dev.evenkeel.lb.core.internal.limit.AdaptiveLimitUpdater;
import dev.evenkeel.lb.core.internal.limit.AdmissionController;
import dev.evenkeel.lb.core.internal.limit.AdmittedPool;
import dev.evenkeel.lb.core.internal.registry.OpenLeases;
import dev.evenkeel.lb.core.internal.registry.PickerFaults;
import dev.evenkeel.lb.core.internal.registry.Registry;
import dev.evenkeel.lb.core.internal.runtime.CurrentConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.EventLog;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotBuilder;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A pool: its wiring and its public face. The call path is in {@link BackendSelector} and {@link AttemptTracker}.
 */
public final class Pool implements LoadBalancer, AdmittedPool {
    public final TimeSource timeSource;
    final boolean isBySystemClock;
    final RandomGenerator random;
    final OpenLeases openLeases;

    private final PoolRuntime runtime;
    private final CurrentConfig config;
    private final SnapshotPublisher writer;
    private final OutlierEjector ejections;
    private final RetryAfterCooldowns cooldowns;
    private final AdaptiveLimitUpdater limits;
    private final Registry registry;
    private final AttemptObservers observers;
    private final BackendSelector selector;
    private final AttemptTracker attempts;
    private final AffinityAdvice affinityAdvice;
    private final LoadReportAdvice loadReportAdvice;
    private final PoolFigures figures;
    /** Null if decisions are not logged. */
    private volatile @Nullable DecisionLog decisionLog;
    /** Null if the pool has neither a limit nor a queue. */
    private volatile @Nullable AdmissionController admission;

    private Pool(PoolRuntime runtime, PoolConfig first) {
        this.runtime = runtime;
        this.config = new CurrentConfig(first);
        this.timeSource = runtime.timeSource();
        this.isBySystemClock = runtime.isBySystemClock();
        this.random = runtime.random();
        this.observers = new AttemptObservers(runtime.events().log());
        PoolStats stats = new PoolStats();
        this.writer = new SnapshotPublisher(runtime, new SnapshotBuilder(runtime, config, stats));
        CircuitBreakers breakers = new CircuitBreakers(runtime, config, writer, stats);
        this.ejections = new OutlierEjector(runtime, config, writer, breakers::trialSucceeded);
        this.cooldowns = new RetryAfterCooldowns(runtime, config, writer);
        this.limits = new AdaptiveLimitUpdater(runtime, config, writer, this::wake);
        PickerFaults faults = new PickerFaults(runtime, config, writer);
        this.openLeases = new OpenLeases(runtime, config);
        this.registry = new Registry(
                runtime, config, stats, writer, openLeases, breakers, ejections, cooldowns, limits, faults);
        this.admission = first.limits().isNone() ? null : new AdmissionController(this, config, limits);
        this.decisionLog = DecisionLog.of(first.loggedDecisions());
        this.attempts =
                new AttemptTracker(config, breakers, ejections, limits, registry, faults, observers, this::inFlight);
        this.affinityAdvice = new AffinityAdvice(runtime.events().log());
        this.loadReportAdvice =
                new LoadReportAdvice(runtime.events().log(), runtime.timeSource(), registry::hasHadLoadReports);
        this.selector = new BackendSelector(this, writer, stats, faults, attempts);
        this.figures = new LivePoolStats(
                stats, this::queued, registry, runtime.events().log());
        EventLog eventLog = new EventLog(
                runtime.events().log(),
                writer::current,
                () -> config.get().priorities().byWeight());
        runtime.events().logBy(eventLog);
        writer.onPublication(() -> {
            eventLog.published();
            wake();
            registry.published();
        });
    }

    /** A pool that runs: with its backends, checks and discovery. */
    public static Pool started(PoolRuntime runtime, PoolConfig config) {
        Pool pool = new Pool(runtime, config);
        try {
            pool.start();
        } catch (RuntimeException | Error e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    /**
     * A pool that can be reloaded under its name.
     *
     * @throws IllegalArgumentException if it is another kind of pool, or has another name
     */
    public static Pool named(String name, LoadBalancer pool) {
        if (!(pool instanceof Pool running)) {
            throw new IllegalArgumentException("only pools of LoadBalancers can be changed: " + pool);
        }
        if (!running.name().equals(name)) {
            throw new IllegalArgumentException(
                    "a pool keeps its name: \"" + running.name() + "\" cannot become \"" + name + "\"");
        }
        return running;
    }

    private int inFlight() {
        AdmissionController controller = admission;
        return controller == null ? 0 : controller.inFlight();
    }

    private int queued() {
        AdmissionController controller = admission;
        return controller == null ? 0 : controller.queued();
    }

    private void wake() {
        AdmissionController controller = admission;
        if (controller != null) {
            controller.wake();
        }
    }

    /**
     * Applies another configuration from the next pick on. Calls in flight end under the one they began with.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public void reload(PoolConfig next) {
        List<Runnable> afterwards = new ArrayList<>();
        try {
            writer.updateNow(() -> apply(next, afterwards));
        } finally {
            afterwards.forEach(Runnable::run); // Whatever a listener throws: the configuration is in force.
        }
    }

    private void apply(PoolConfig next, List<Runnable> afterwards) {
        PoolConfig before = config.get();
        config.set(next);
        limits.reloaded();
        openLeases.followMaxDuration();
        if (admission == null && !next.limits().isNone()) {
            admission = new AdmissionController(this, config, limits);
        }
        writer.touchAll();
        afterwards.add(registry.reloaded(before));
        if (before.loggedDecisions() != next.loggedDecisions()) {
            decisionLog = DecisionLog.of(next.loggedDecisions());
        }
    }

    /** The configuration in force. */
    public PoolConfig config() {
        return config.get();
    }

    @Override
    public String strategyName() {
        return strategy().name();
    }

    LoadBalancingStrategy strategy() {
        return config.get().strategy();
    }

    private void start() {
        ejections.start();
        registry.start();
        limits.start();
        openLeases.followMaxDuration();
    }

    @Override
    public String name() {
        return runtime.name();
    }

    @Override
    public PickResult acquire(RequestContext context) {
        DecisionLog log = decisionLog;
        if (log != null && log.isDue()) {
            Decision before = explain(context);
            PickResult result = acquireUnlogged(context);
            log.write(before.with(result));
            return result;
        }
        return acquireUnlogged(context);
    }

    private PickResult acquireUnlogged(RequestContext context) {
        AdmissionController controller = admission;
        return controller == null ? pick(context) : controller.acquire(context);
    }

    @Override
    public Decision explain(RequestContext context) {
        return DecisionExplainer.explain(name(), strategy(), writer.current(), context, timeSource.nanoTime());
    }

    @Override
    public void logDecisions(int oneOf) {
        decisionLog = DecisionLog.of(oneOf);
    }

    @Override
    public CompletableFuture<PickResult> acquireOrWait(RequestContext context) {
        AdmissionController controller = admission;
        return controller == null
                ? CompletableFuture.completedFuture(pick(context))
                : controller.acquireOrWait(context);
    }

    /** Chooses a backend, whether or not the pool itself has room. */
    @Override
    public PickResult pick(RequestContext context) {
        LoadBalancingStrategy strategy = strategy();
        affinityAdvice.look(context, strategy);
        loadReportAdvice.look(strategy);
        return selector.pick(context);
    }

    /** The reason why no backend can be picked now. */
    @Override
    public Unavailable unavailable(List<Backend> tried, String detail) {
        return writer.current().unavailable(name(), tried, null, null, detail);
    }

    /** As above, but without inspecting each backend. */
    @Override
    public Unavailable unavailableAsAWhole(List<Backend> tried, String detail) {
        return writer.current().unavailableAsAWhole(name(), tried, detail);
    }

    public Snapshot current() {
        return writer.current();
    }

    @Override
    public boolean isClosed() {
        return writer.current().closed();
    }

    /** Whether at least one backend takes calls. */
    @Override
    public boolean hasRoom() {
        for (BackendState node : writer.current().all()) {
            if (node.isAvailable() && node.circuit().state() != BreakerState.HALF_OPEN) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long nanoTime() {
        return timeSource.nanoTime();
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        return runtime.scheduler().schedule(task, delay);
    }

    /** The lease of a request that looks for a backend. It can hold a permit if the pool has a limit. */
    PoolLease newLease(RequestContext context) {
        AdmissionController controller = admission;
        long nowNanos = timeSource.nanoTime();
        return controller == null
                ? new PoolLease(this, context, nowNanos)
                : new PermitLease(this, controller, context, nowNanos);
    }

    /** Judges a call to a backend on trial by its good answer. */
    void answeredWell(PoolLease lease, BackendState node, long latencyNanos, long nowNanos) {
        attempts.answeredWell(lease, node, latencyNanos, nowNanos);
    }

    /** Runs all steps that end an attempt. Called exactly once per attempt. */
    void completed(
            PoolLease lease, BackendState node, Picker picker, Outcome outcome, long latencyNanos, long nowNanos) {
        attempts.completed(lease, node, picker, outcome, latencyNanos, nowNanos);
    }

    /** Logs and counts what code of the application has thrown. */
    void faulted(Throwable failure, String text) {
        runtime.events().log().fault(failure, () -> text);
    }

    /** Logs a warning of the pool. */
    void warn(Supplier<String> text) {
        runtime.events().log().pool(System.Logger.Level.WARNING, text);
    }

    @Override
    public void declareSubsets(Set<String> keys) {
        writer.declareSubsets(new SubsetPolicy.Selector(keys, null).keys());
    }

    /** Forwards a load report that a call's response carried. */
    void reported(BackendState node, Picker picker, LoadReport report) {
        registry.reported(node, picker, report);
    }

    /** Forwards a backend's request for a cooldown ({@code Retry-After}). */
    void rest(BackendState node, Duration duration) {
        cooldowns.ask(node, duration);
    }

    @Override
    public BackendRegistry registry() {
        return registry;
    }

    @Override
    public PoolSnapshot snapshot() {
        return registry.describe();
    }

    @Override
    public PoolFigures figures() {
        return figures;
    }

    @Override
    public void addObserver(AttemptObserver observer) {
        observers.add(observer);
    }

    @Override
    public void removeObserver(AttemptObserver observer) {
        observers.remove(observer);
    }

    @Override
    public boolean isObserved() {
        return !observers.isEmpty();
    }

    @Override
    public void callEnded(AttemptObserver.CallOutcome outcome, long durationNanos) {
        observers.callEnded(outcome, durationNanos);
    }

    @Override
    public void addListener(LoadBalancerListener listener) {
        runtime.events().addListener(listener);
    }

    @Override
    public void removeListener(LoadBalancerListener listener) {
        runtime.events().removeListener(listener);
    }

    @Override
    public void close() {
        registry.close();
    }

    @Override
    public String toString() {
        return "LoadBalancer[" + name() + "]";
    }
}
