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
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.Breaker;
import dev.evenkeel.lb.core.internal.health.CircuitBreakers;
import dev.evenkeel.lb.core.internal.health.OutlierEjector;
import dev.evenkeel.lb.core.internal.health.RetryAfterCooldowns;
import dev.evenkeel.lb.core.internal.limit.AdaptiveLimitUpdater;
import dev.evenkeel.lb.core.internal.limit.AdmissionController;
import dev.evenkeel.lb.core.internal.limit.AdmittedPool;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.registry.Registry;
import dev.evenkeel.lb.core.internal.runtime.CurrentConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.CandidateGroup;
import dev.evenkeel.lb.core.internal.snapshot.EventLog;
import dev.evenkeel.lb.core.internal.snapshot.PriorityLevel;
import dev.evenkeel.lb.core.internal.snapshot.SelectionPlan;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotBuilder;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.internal.snapshot.WeightedChoice;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The call path: one volatile read, a pick, two counters. No lock, no I/O; the lease is the only allocation. */
public final class Pool implements LoadBalancer, AdmittedPool {
    /**
     * After so many null picks although a backend has room, blame the strategy, not a race with a call that just ended.
     */
    private static final int MAX_NULL_PICK_RETRIES = 16;

    /** How often a failed pick is repeated on a newer snapshot. */
    private static final int MAX_SNAPSHOT_RETRIES = 16;

    public final TimeSource timeSource;
    final RandomGenerator random;

    private final PoolRuntime runtime;
    private final CurrentConfig config;
    private final SnapshotPublisher writer;
    private final CircuitBreakers breakers;
    private final OutlierEjector ejections;
    private final RetryAfterCooldowns cooldowns;
    private final AdaptiveLimitUpdater limits;
    private final Registry registry;
    private final AttemptObservers observers;
    private final PoolStats stats;
    private final PoolFigures figures;
    /** Null if decisions are not logged. */
    private volatile @Nullable DecisionLog decisionLog;
    /** Null if the pool has neither a limit nor a queue. */
    private volatile @Nullable AdmissionController admission;

    public Pool(PoolRuntime runtime, PoolConfig first) {
        this.runtime = runtime;
        this.config = new CurrentConfig(first);
        this.timeSource = runtime.timeSource();
        this.random = runtime.random();
        this.observers = new AttemptObservers(runtime.events().log());
        this.stats = new PoolStats();
        this.writer = new SnapshotPublisher(runtime, new SnapshotBuilder(runtime, config, stats));
        this.breakers = new CircuitBreakers(runtime, config, writer, stats);
        this.ejections = new OutlierEjector(runtime, config, writer);
        this.cooldowns = new RetryAfterCooldowns(runtime, config, writer);
        this.limits = new AdaptiveLimitUpdater(runtime, config, writer, this::wake);
        this.registry = new Registry(runtime, config, stats, writer, breakers, ejections, cooldowns, limits);
        this.admission = first.limits().isNone() ? null : new AdmissionController(this, config, limits);
        this.decisionLog = DecisionLog.of(first.loggedDecisions());
        this.figures = new LivePoolStats(stats, this::queued, registry);
        EventLog eventLog = new EventLog(runtime.events().log(), writer::current);
        runtime.events().logBy(eventLog);
        writer.onPublication(() -> {
            eventLog.published();
            wake();
        });
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
        writer.updateNow(() -> {
            PoolConfig before = config.get();
            config.set(next);
            limits.reloaded();
            if (admission == null && !next.limits().isNone()) {
                admission = new AdmissionController(this, config, limits);
            }
            writer.touchAll();
            afterwards.add(registry.reloaded(before));
            if (before.loggedDecisions() != next.loggedDecisions()) {
                decisionLog = DecisionLog.of(next.loggedDecisions());
            }
        });
        afterwards.forEach(Runnable::run);
    }

    /** The configuration in force. */
    public PoolConfig config() {
        return config.get();
    }

    LoadBalancingStrategy strategy() {
        return config.get().strategy();
    }

    public void start() {
        ejections.start();
        registry.start();
        limits.start();
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
        return DecisionExplainer.explain(name(), strategy(), writer, context, timeSource.nanoTime());
    }

    @Override
    public void logDecisions(int oneOf) {
        decisionLog = DecisionLog.of(oneOf);
    }

    @Override
    public CompletableFuture<PickResult> acquireOrWait(RequestContext context) {
        AdmissionController controller = admission;
        return controller == null ? CompletableFuture.completedFuture(pick(context)) : controller.acquireOrWait(context);
    }

    /** Chooses a backend, whether or not the pool itself has room. */
    @Override
    public PickResult pick(RequestContext context) {
        Snapshot looked = writer.current();
        PickResult picked = pick(context, looked);
        for (int i = 0;
                picked instanceof Unavailable
                        && i < MAX_SNAPSHOT_RETRIES
                        && looked.version() != writer.current().version();
                i++) {
            // While this call was delayed, all backends of its snapshot may have left and others may have joined.
            looked = writer.current();
            picked = pick(context, looked);
        }
        return picked;
    }

    private PickResult pick(RequestContext context, Snapshot looked) {
        Snapshot snapshot = looked;
        long nowNanos = timeSource.nanoTime();
        AdmissionController controller = admission;
        PoolLease lease =
                controller == null ? new PoolLease(this, context, nowNanos) : new PermitLease(this, controller, context, nowNanos);
        List<PriorityLevel> levels = snapshot.levels();
        WeightedChoice draw = snapshot.draw();
        Subset subset = context.subset();
        if (subset != null) {
            SelectionPlan spread = snapshot.subsets().find(subset);
            if (spread == null) {
                writer.registerSelector(subset.metadata().keySet());
                snapshot = writer.current();
                spread = snapshot.subsets().findKnown(subset);
            }
            levels = spread.levels();
            draw = spread.draw();
        }
        String bound = context.boundBackend();
        if (bound != null && enterBound(bound, subset, snapshot, lease)) {
            return lease;
        }
        PickResult picked = pickFrom(snapshot, levels, draw, subset, lease);
        if (picked == null && lease.becomesLastResort()) {
            picked = pickFrom(snapshot, levels, draw, subset, lease);
        }
        return picked != null ? picked : snapshot.unavailable(name(), lease.tried(), lease.permitted(), subset, "");
    }

    /** Picks from one snapshot. Returns null if no backend takes the call. */
    private @Nullable PickResult pickFrom(
            Snapshot snapshot,
            List<PriorityLevel> levels,
            WeightedChoice draw,
            @Nullable Subset subset,
            PoolLease lease) {
        int drawn = draw.next(lease, 0);
        for (int i = 0; i < levels.size(); i++) {
            int index = inOrderFrom(drawn, i);
            PriorityLevel level = levels.get(index);
            String fault = pickFrom(level, index + 1, lease);
            if (fault == null) {
                return lease;
            }
            if (!fault.isEmpty()) {
                return snapshot.unavailable(name(), lease.tried(), lease.permitted(), subset, fault);
            }
            if (!level.refusal().isEmpty()) {
                return snapshot.unavailable(name(), lease.tried(), lease.permitted(), subset, level.refusal());
            }
        }
        return null;
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

    /** Enters the backend that the session is bound to, if it is available. Skips the strategy, and ignores a drain. */
    private boolean enterBound(String id, @Nullable Subset subset, Snapshot snapshot, PoolLease lease) {
        BackendState node = writer.find(id);
        if (node == null
                || snapshot.closed()
                || !node.takesSessions()
                || Snapshot.isTried(node, lease.tried())
                || !lease.permits(node)
                || (subset != null && !snapshot.subsets().allows(subset, node.backend()))) {
            return false;
        }
        Picker picker = node.picker();
        if (picker == null) {
            return false;
        }
        if (enter(node, picker, lease, true)) {
            lease.continueSession();
            return true;
        }
        lease.refuse(node);
        return false;
    }

    /** The drawn position first, then the other positions in order. */
    private static int inOrderFrom(int drawn, int position) {
        return position == 0 ? drawn : position <= drawn ? position - 1 : position;
    }

    /**
     * Picks from one level. Returns null if the lease was granted, an empty text if the level has no backend for this
     * request, else the strategy's error.
     */
    private @Nullable String pickFrom(PriorityLevel level, int salt, PoolLease lease) {
        List<CandidateGroup> groups = level.groups();
        int drawn = level.draw().next(lease, salt);
        for (int i = 0; i < groups.size(); i++) {
            CandidateGroup group = groups.get(inOrderFrom(drawn, i));
            String fault = pickFrom(group, lease);
            if (fault == null) {
                return null;
            }
            if (!fault.isEmpty()) {
                registry.strategyFailed(group.picker, fault);
                return fault;
            }
        }
        return "";
    }

    private @Nullable String pickFrom(CandidateGroup group, PoolLease lease) {
        int retries = 0;
        while (true) {
            Candidate candidate;
            try {
                candidate = group.picker.pick(lease);
            } catch (RuntimeException | Error e) {
                Containment.rethrowFatal(e);
                return "strategy \"" + strategy().name() + "\" threw " + e;
            }
            if (candidate == null) {
                if (lease.ignoreSlowStart()) {
                    continue;
                }
                String fault = nothingPicked(group, lease, retries++);
                if (fault == null) {
                    continue;
                }
                return fault;
            }
            if (!(candidate instanceof BackendState node) || !node.isOf(stats)) {
                return "strategy \"" + strategy().name() + "\" picked a candidate that is not the pool's";
            }
            if (lease.isRefused(node)
                    || !lease.permits(node)
                    || (!lease.tried().isEmpty() && Snapshot.isTried(node, lease.tried()))) {
                return "strategy \"" + strategy().name() + "\" picked \"" + node.backend().id()
                        + "\", which the request does not accept";
            }
            if (enter(node, group.picker, lease, false)) {
                return null;
            }
            lease.refuse(node);
        }
    }

    /**
     * Decides what a null pick of the strategy means. Returns an empty text if the group has no backend for this
     * request, null if the pick is to be repeated, else the strategy's error. A pick is repeated because a call that
     * has just ended may have made a backend acceptable after the picker passed it over, or may have ended a trial. It
     * is not repeated if a backend was open to all requests before the last pick.
     *
     * @param retries how often the pick was repeated before
     */
    private @Nullable String nothingPicked(CandidateGroup group, PoolLease lease, int retries) {
        int eligible = 0;
        boolean certain = retries >= MAX_NULL_PICK_RETRIES;
        for (BackendState node : group.nodes) {
            if (lease.accepts(node)) {
                eligible++;
                certain |= retries > 0 && node.isOpenToAll();
            }
        }
        if (eligible == 0) {
            return "";
        }
        return certain
                ? "strategy \"" + strategy().name() + "\" picked nothing although the request accepts " + eligible
                        + " of " + group.nodes.size() + " backends"
                : null;
    }

    /**
     * Counts the call as in flight, then checks the backend again. Limits and the closed state are checked after the
     * count, so that neither a race of two calls nor a membership change admits a call too many.
     */
    private boolean enter(BackendState node, Picker picker, PoolLease lease, boolean bound) {
        boolean asLast = lease.isLastResort();
        Breaker breaker = node.circuit().breaker();
        boolean permitted = false;
        if (breaker != null && breaker.state() == BreakerState.OPEN) {
            // The backend is used although its breaker is open, since too much of the pool is out. The breaker is not
            // asked and records nothing.
            breaker = null;
        } else if (breaker != null) {
            permitted = breaker.tryAcquire();
            if (!permitted && !asLast) {
                return false;
            }
        }
        long nowNanos = lease.nowNanos();
        boolean trial = !node.isOpenToAll() && node.isTrial();
        boolean trialCall = trial && ejections.claimTrialCall(node, nowNanos);
        if (trial && !trialCall && !asLast) {
            giveBack(node, permitted ? breaker : null, nowNanos, false);
            return false;
        }
        int waitingBefore = node.started(nowNanos);
        if (bound ? node.isOverSessionCeiling(waitingBefore) : node.isOverCeiling(waitingBefore, asLast)) {
            node.ended(nowNanos, false);
            giveBack(node, permitted ? breaker : null, nowNanos, trialCall);
            if (node.drain().isWatched()) {
                registry.callEnded(node);
            }
            return false;
        }
        lease.grant(node, picker, breaker, permitted, trialCall);
        boolean told = false;
        try {
            observers.attemptStarted(lease);
            started(node, picker, nowNanos);
            told = true;
        } finally {
            if (!told) {
                lease.complete(Outcome.DISCARDED);
            }
        }
        return true;
    }

    private void started(BackendState node, Picker picker, long nowNanos) {
        try {
            picker.started(node, nowNanos);
        } catch (RuntimeException | Error e) {
            // The call goes on: an exception in a strategy's bookkeeping must not fail it.
            strategyThrew(picker, e);
        }
    }

    private void strategyThrew(Picker picker, Throwable failure) {
        registry.strategyFailed(picker, "strategy \"" + strategy().name() + "\" threw " + failure);
        Containment.rethrowFatal(failure);
    }

    private void giveBack(BackendState node, @Nullable Breaker permit, long nowNanos, boolean trialCall) {
        if (permit != null) {
            permit.release();
        }
        if (trialCall) {
            ejections.releaseTrialCall(node, nowNanos);
        }
    }

    /** Runs all steps that end an attempt. Called exactly once per attempt. */
    void completed(
            PoolLease lease, BackendState node, Picker picker, Outcome outcome, long latencyNanos, long nowNanos) {
        node.completed(outcome, latencyNanos, nowNanos);
        // Each step may run application code. The next step runs even if the previous one throws.
        try {
            breakers.completed(node, outcome, latencyNanos, lease.breaker(), lease.holdsPermit());
        } finally {
            try {
                notifyOfEnd(node, picker, outcome, latencyNanos, nowNanos);
            } finally {
                judge(lease, node, outcome, latencyNanos, nowNanos);
            }
        }
    }

    private void notifyOfEnd(BackendState node, Picker picker, Outcome outcome, long latencyNanos, long nowNanos) {
        try {
            observers.attemptEnded(node.backend(), outcome, latencyNanos);
        } finally {
            AdmissionController controller = admission;
            limits.completed(node, outcome, latencyNanos, controller == null ? 0 : controller.inFlight());
            try {
                picker.completed(node, outcome, latencyNanos, nowNanos);
            } catch (RuntimeException | Error e) {
                strategyThrew(picker, e);
            }
        }
    }

    private void judge(PoolLease lease, BackendState node, Outcome outcome, long latencyNanos, long nowNanos) {
        try {
            if (lease.isTrialCall()) {
                ejections.releaseTrialCall(node, lease.nowNanos());
            }
            if (!outcome.isNeutral()) {
                HealthCheckPolicy checks = config.get().healthCheck();
                if (checks != null && checks.skipsProven()) {
                    recordProof(node, outcome, nowNanos);
                }
                ejections.completed(node, outcome, lease.nowNanos(), latencyNanos, nowNanos);
            }
        } finally {
            if (node.drain().isWatched()) {
                registry.callEnded(node);
            }
        }
    }

    private static void recordProof(BackendState node, Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS || outcome.isFailure()) {
            node.ownProven().record(outcome, nowNanos);
        }
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
