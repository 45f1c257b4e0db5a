package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.Breaker;
import dev.evenkeel.lb.core.internal.health.CircuitBreakers;
import dev.evenkeel.lb.core.internal.health.OutlierEjector;
import dev.evenkeel.lb.core.internal.limit.AdaptiveLimitUpdater;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.registry.PickerFaults;
import dev.evenkeel.lb.core.internal.registry.Registry;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.spi.Picker;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The beginning and the end of each attempt: who has to permit it, and who has to hear of it, in which order. */
final class AttemptTracker {
    private final Supplier<PoolConfig> config;
    private final CircuitBreakers breakers;
    private final OutlierEjector ejections;
    private final AdaptiveLimitUpdater limits;
    private final Registry registry;
    private final PickerFaults pickerFaults;
    private final AttemptObservers observers;
    private final IntSupplier inFlightInPool;

    AttemptTracker(
            Supplier<PoolConfig> config,
            CircuitBreakers breakers,
            OutlierEjector ejections,
            AdaptiveLimitUpdater limits,
            Registry registry,
            PickerFaults pickerFaults,
            AttemptObservers observers,
            IntSupplier inFlightInPool) {
        this.config = config;
        this.breakers = breakers;
        this.ejections = ejections;
        this.limits = limits;
        this.registry = registry;
        this.pickerFaults = pickerFaults;
        this.observers = observers;
        this.inFlightInPool = inFlightInPool;
    }

    /**
     * Counts the call as in flight, then checks the backend again. Limits and the closed state are checked after the
     * count, so that neither a race of two calls nor a membership change admits a call too many.
     */
    boolean enter(BackendState node, Picker picker, PoolLease lease, boolean bound) {
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
        boolean trialCall = trial && ejections.takeTrialCall(node, nowNanos);
        if (trial && !trialCall && !asLast) {
            giveBack(node, permitted ? breaker : null, nowNanos, false);
            return false;
        }
        int waitingBefore = node.started(nowNanos);
        if (isOver(node, lease, bound, waitingBefore)) {
            node.ended(nowNanos, false);
            giveBack(node, permitted ? breaker : null, nowNanos, trialCall);
            if (node.drain().isWatched()) {
                // The drain may have waited for this call. Its end takes the pool's lock, so a timer sees to it.
                registry.callEndedSoon(node);
            }
            return false;
        }
        lease.grant(node, picker, breaker, permitted, trialCall);
        boolean told = false;
        try {
            if (!observers.isEmpty()) {
                observers.attemptStarted(node.backend(), lease::kind);
            }
            started(node, picker, nowNanos);
            // At its end the request is about its next attempt.
            if (isRetry(lease)) {
                node.countRetry();
            }
            told = true;
        } finally {
            if (!told) {
                lease.complete(Outcome.DISCARDED);
            }
        }
        return true;
    }

    /** The request's own code says so; if it fails, that counts as an observer's failure. */
    private boolean isRetry(PoolLease lease) {
        try {
            return lease.kind() == AttemptKind.RETRY;
        } catch (RuntimeException | Error e) {
            observers.failed(e);
            Containment.rethrowFatal(e);
            return false;
        }
    }

    private static boolean isOver(BackendState node, PoolLease lease, boolean bound, int waitingBefore) {
        if (bound) {
            return node.isOverSessionCeiling(waitingBefore);
        }
        return lease.isIgnoringPassiveHealth()
                ? node.isOverOwnLimit(waitingBefore)
                : node.isOverCeiling(waitingBefore, lease.isLastResort());
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
        pickerFaults.threw(picker, failure);
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

    /**
     * Judges a call to a backend on trial by its good answer, however long the response streams. At its end only a
     * failure is judged again.
     */
    void answeredWell(PoolLease lease, BackendState node, long latencyNanos, long nowNanos) {
        try {
            breakers.completed(node, Outcome.SUCCESS, latencyNanos, lease.breaker(), lease.holdsPermit());
        } finally {
            if (lease.isTrialCall()) {
                ejections.releaseTrialCall(node, lease.nowNanos());
            }
            ejections.completed(node, Outcome.SUCCESS, lease.nowNanos(), latencyNanos, nowNanos);
        }
    }

    /** Runs all steps that end an attempt. Called exactly once per attempt. */
    void completed(
            PoolLease lease, BackendState node, Picker picker, Outcome outcome, long latencyNanos, long nowNanos) {
        node.completed(outcome, latencyNanos, nowNanos);
        // Each step may run application code. The next step runs even if the previous one throws.
        try {
            if (!isJudged(lease, outcome)) {
                // The permission of a call that was answered well is used up.
                boolean permitted = lease.holdsPermit() && !lease.isProven();
                breakers.completed(node, outcome, latencyNanos, lease.breaker(), permitted);
            }
        } finally {
            try {
                notifyOfEnd(node, picker, outcome, latencyNanos, nowNanos);
            } finally {
                judge(lease, node, outcome, latencyNanos, nowNanos);
            }
        }
    }

    /** Whether the outcome is the success that was judged when the backend answered. */
    private static boolean isJudged(PoolLease lease, Outcome outcome) {
        return lease.isProven() && outcome == Outcome.SUCCESS;
    }

    private void notifyOfEnd(BackendState node, Picker picker, Outcome outcome, long latencyNanos, long nowNanos) {
        try {
            observers.attemptEnded(node.backend(), outcome, latencyNanos);
        } finally {
            limits.completed(node, outcome, latencyNanos, inFlightInPool.getAsInt());
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
                if (!isJudged(lease, outcome)) {
                    ejections.completed(node, outcome, lease.nowNanos(), latencyNanos, nowNanos);
                }
            }
        } finally {
            if (node.drain().isWatched()) {
                registry.callEnded(node);
            }
            registry.forgetDeparted(nowNanos);
        }
    }

    private static void recordProof(BackendState node, Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS || outcome.isFailure()) {
            node.ownProven().record(outcome, nowNanos);
        }
    }
}
