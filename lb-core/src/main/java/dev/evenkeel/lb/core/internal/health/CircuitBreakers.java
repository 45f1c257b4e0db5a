package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.Breaker;
import dev.evenkeel.lb.core.internal.backend.CircuitState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.internal.time.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Circuit breakers of a pool: records calls, and moves breakers by timer from open to half-open, and back to open if
 * their trial does not end. A breaker exists only while a backend has failures in its window.
 *
 * <p>The call path only creates a backend's first breaker; every other change is made under the writer's lock. A timer
 * or a call that finds another breaker than its own leaves it alone.
 */
public final class CircuitBreakers {
    /** The wait of an open breaker deviates by this share. */
    private static final double OPEN_JITTER = 0.2;

    /**
     * After a breaker was not allowed to open, no other one is considered for this long. The ceiling is not checked
     * more often either.
     */
    private static final long RECHECK_NANOS = 100_000_000;
    /**
     * After breakers were closed because of the ceiling, it holds for this long, however healthy the used backends
     * look.
     */
    private static final long CEILING_HOLDS_NANOS = 10_000_000_000L;

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final CeilingGuard guard;
    private volatile long refusedUntilNanos;
    /**
     * Whether a breaker is open, so that the ceiling must be checked: the pool may shrink, or the used backends may
     * fail.
     */
    private volatile boolean anyOpen;

    private volatile long recheckNanos;
    /** Guarded by the writer's lock. */
    private long ceilingHoldsUntilNanos;

    public CircuitBreakers(
            PoolRuntime runtime, Supplier<PoolConfig> config, SnapshotPublisher writer, PoolStats stats) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.guard = new CeilingGuard(stats);
        long nowNanos = runtime.timeSource().nanoTime();
        this.refusedUntilNanos = nowNanos;
        this.recheckNanos = nowNanos;
        this.ceilingHoldsUntilNanos = nowNanos;
    }

    /**
     * Under the lock: under another policy windows start anew, an open breaker keeps its wait, and its trial follows the
     * new policy.
     */
    public void reloaded(PoolConfig before) {
        BreakerPolicy next = policy();
        if (next.equals(before.breaker())) {
            return;
        }
        for (BackendState node : writer.nodes.values()) {
            if (!next.enabled()) {
                forget(node, "breakers are switched off");
            } else if (breakerState(node) == BreakerState.CLOSED) {
                drop(node);
            }
        }
    }

    private BreakerPolicy policy() {
        return config.get().breaker();
    }

    // Call path.

    /**
     * Records the end of a call.
     *
     * @param under the breaker under which the call was made; null if it had none, or an open one
     * @param permitted whether the call had a permission of that breaker. A last-resort call is made without a
     *     permission, and its result counts like any other
     */
    public void completed(
            BackendState node, Outcome outcome, long latencyNanos, @Nullable Breaker under, boolean permitted) {
        if (outcome.isNeutral()) {
            if (under != null && permitted) {
                under.release();
            }
            return;
        }
        boolean refused = outcome == Outcome.NEVER_SENT;
        if (node.circuit().isRefusing() != refused) {
            node.ownCircuit().refusing(refused);
        }
        if (anyOpen) {
            guard.completed(node, outcome, latencyNanos);
            if (outcome.isFailure()) {
                recheck();
            }
        }
        Breaker breaker = current(node);
        if (breaker == null) {
            if (!outcome.isFailure() || !policy().enabled()) {
                return;
            }
            breaker = first(node);
        }
        if (breaker == null || (breaker != under && breakerState(node) != BreakerState.CLOSED)) {
            // A call that began before the trial says nothing about it.
            return;
        }
        breaker.record(outcome.isFailure(), latencyNanos);
        BreakerState state = breaker.state();
        if (state != breakerState(node)) {
            if (breakerState(node) == BreakerState.CLOSED && wasJustRefused() && outcome != Outcome.NEVER_SENT) {
                node.ownCircuit().drop(breaker);
                return;
            }
            moved(node, breaker, outcome);
        } else if (state == BreakerState.CLOSED && breaker.successStreak() >= policy().windowSize()) {
            healed(node, breaker);
        }
    }

    /** The breaker of a backend; null if there is none, or if its failures are so old that they do not count any more. */
    private @Nullable Breaker current(BackendState node) {
        Breaker breaker = node.circuit().breaker();
        if (breaker != null
                && breakerState(node) == BreakerState.CLOSED
                && breaker.isOutdated(policy().windowDuration().toNanos())) {
            node.ownCircuit().drop(breaker);
            return null;
        }
        return breaker;
    }

    private @Nullable Breaker first(BackendState node) {
        Breaker fresh = Breaker.closed(node.backend().id(), policy(), runtime.timeSource());
        return node.ownCircuit().begin(fresh);
    }

    // Off the call path.

    private void moved(BackendState node, Breaker breaker, Outcome outcome) {
        writer.updateIf(node, () -> {
            BreakerState state = breaker.state();
            CircuitState own = node.ownCircuit();
            if (own.breaker() != breaker || state == own.state()) {
                return false;
            }
            if (state == BreakerState.OPEN) {
                boolean unreachable = outcome == Outcome.NEVER_SENT;
                if (!unreachable && !mayOpen(node, breaker)) {
                    return holdBack(node);
                }
                own.opened(unreachable, runtime.timeSource().nanoTime());
                transition(node, state, breaker.describe());
                waitForTrial(node, breaker);
            } else {
                own.breaker(null);
                own.forgetOpenings();
                transition(node, BreakerState.CLOSED, "the trial calls succeeded");
            }
            return true;
        });
    }

    private void healed(BackendState node, Breaker breaker) {
        writer.updateIf(node, () -> {
            if (isCurrent(node, breaker) && breaker.state() == BreakerState.CLOSED) {
                drop(node);
            }
            return false;
        });
    }

    private void waitForTrial(BackendState node, Breaker breaker) {
        CircuitState own = node.ownCircuit();
        Duration wait = Backoff.delay(
                policy().openDuration(), policy().maxOpenDuration(), own.openings(), OPEN_JITTER, runtime.random());
        own.countOpening();
        runtime.scheduler()
                .schedule(() -> writer.updateIf(node, () -> isCurrent(node, breaker) && beginTrial(node, wait)), wait);
    }

    private boolean beginTrial(BackendState node, Duration waited) {
        Breaker trial = Breaker.trial(node.backend().id(), policy(), runtime.timeSource());
        node.ownCircuit().breaker(trial);
        transition(node, BreakerState.HALF_OPEN, "open for " + waited);
        runtime.scheduler()
                .schedule(
                        () -> writer.updateIf(node, () -> isCurrent(node, trial) && giveUp(node, trial)),
                        policy().halfOpenTimeout());
        return true;
    }

    private boolean giveUp(BackendState node, Breaker trial) {
        trial.giveUp();
        if (trial.state() != BreakerState.OPEN || breakerState(node) != BreakerState.HALF_OPEN) {
            // The last call of the trial has just ended it and is about to record that.
            return false;
        }
        transition(node, BreakerState.OPEN, "the trial calls were not answered within " + policy().halfOpenTimeout());
        waitForTrial(node, trial);
        return true;
    }

    private void transition(BackendState node, BreakerState state, String cause) {
        writer.tell(
                new BreakerChanged(runtime.name(), Instant.now(), node.backend(), breakerState(node), state, cause));
        node.ownCircuit().state(state, runtime.timeSource().nanoTime());
        if (state == BreakerState.OPEN && !anyOpen) {
            guard.forget(writer.nodes.values());
            anyOpen = true;
        }
    }

    // Ceiling.

    private boolean wasJustRefused() {
        return runtime.timeSource().nanoTime() - refusedUntilNanos < 0;
    }

    private boolean mayOpen(BackendState node, Breaker breaker) {
        long nowNanos = runtime.timeSource().nanoTime();
        Outages others = Outages.besides(node, writer.nodes.values());
        int serving = others.serving() + 1;
        if (others.out() < policy().maxOpen(serving)) {
            return true;
        }
        boolean passes = nowNanos - ceilingHoldsUntilNanos >= 0
                && CeilingGuard.isEnough(
                        guard.workingWell(writer.nodes.values(), node, breaker.failureShare(), nowNanos), serving);
        if (!passes) {
            refusedUntilNanos = nowNanos + RECHECK_NANOS;
        }
        return passes;
    }

    /** Starts the backend's window anew, so that its breaker can open when the ceiling allows it. */
    private boolean holdBack(BackendState node) {
        drop(node);
        if (breakerState(node) == BreakerState.CLOSED) {
            return false;
        }
        transition(node, BreakerState.CLOSED, "its trial calls failed, but too much of the pool would be out");
        return true;
    }

    /** On the call path: a call has failed while breakers are open. */
    private void recheck() {
        long nowNanos = runtime.timeSource().nanoTime();
        if (nowNanos - recheckNanos >= 0) {
            recheckNanos = nowNanos + RECHECK_NANOS;
            writer.updateIf(null, this::closeBeyondCeiling);
        }
    }

    /** Closes the breakers beyond the ceiling, the latest first, if too few of the used backends work well. */
    private boolean closeBeyondCeiling() {
        long nowNanos = runtime.timeSource().nanoTime();
        Outages all = Outages.of(writer.nodes.values());
        int excess = all.out() - policy().maxOpen(all.serving());
        List<BackendState> open = writer.nodes.values().stream()
                .filter(node -> breakerState(node) == BreakerState.OPEN
                        && !node.circuit().isUnreachable())
                .sorted(Comparator.comparingLong(node -> node.circuit().sinceNanos() - nowNanos))
                .toList();
        anyOpen = !open.isEmpty();
        if (excess <= 0 || open.isEmpty()) {
            return false;
        }
        double least =
                open.stream().mapToDouble(CircuitBreakers::failureShare).min().orElse(1);
        int well = guard.workingWell(writer.nodes.values(), null, least, nowNanos);
        if (CeilingGuard.isEnough(well, all.serving())) {
            return false;
        }
        ceilingHoldsUntilNanos = nowNanos + CEILING_HOLDS_NANOS;
        String cause = String.format(
                Locale.ROOT,
                "more than %.0f %% of the pool is out, and of the %d backends in use %d work well",
                policy().maxOpenPercent(),
                all.left(),
                well);
        open.subList(Math.max(0, open.size() - excess), open.size()).forEach(node -> {
            writer.touch(node);
            forget(node, cause);
        });
        return true;
    }

    private static double failureShare(BackendState node) {
        Breaker breaker = node.circuit().breaker();
        return breaker == null ? 1 : breaker.failureShare();
    }

    /** Under the lock: discards what is known of the backend. */
    public void forget(BackendState node, String cause) {
        drop(node);
        if (node.circuit().openings() > 0) {
            node.ownCircuit().forgetOpenings();
        }
        if (breakerState(node) != BreakerState.CLOSED) {
            transition(node, BreakerState.CLOSED, cause);
        }
    }

    /** Under the lock: the backend's trial after an ejection has succeeded, so that its earlier failures do not count. */
    public void trialSucceeded(BackendState node) {
        if (breakerState(node) == BreakerState.CLOSED) {
            drop(node);
        }
    }

    /** Under the lock: a backend has left. Its breaker's timers find nothing to move, and set no others. */
    public void departed(BackendState node) {
        drop(node);
    }

    private static void drop(BackendState node) {
        if (node.circuit().breaker() != null) {
            node.ownCircuit().breaker(null);
        }
    }

    private static boolean isCurrent(BackendState node, Breaker breaker) {
        return node.circuit().breaker() == breaker;
    }

    private static BreakerState breakerState(BackendState node) {
        return node.circuit().state();
    }
}
