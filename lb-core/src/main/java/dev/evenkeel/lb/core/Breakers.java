package dev.evenkeel.lb.core;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.Breaker;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.event.LoadBalancerEvent.BreakerChanged;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers of a pool: recording on the call path, and the timers that move them from open to half-open, and
 * back if their trial does not end. A breaker exists only while a backend has failures in its window.
 *
 * <p>The call path only ever gives a node its first breaker; every other change is made under the writer's lock, and a
 * timer or a call that finds another breaker than its own leaves it alone.
 */
final class Breakers {
    private static final AtomicReferenceFieldUpdater<Particulars, @Nullable Breaker> BREAKER =
            AtomicReferenceFieldUpdater.newUpdater(Particulars.class, Breaker.class, "breaker");

    private final Settings settings;
    private volatile BreakerPolicy policy;
    private final Writer writer;

    Breakers(Settings settings, Writer writer) {
        this.settings = settings;
        this.policy = settings.breaker();
        this.writer = writer;
    }

    /** Under the lock: windows begin anew, a breaker that is open waits on, and its trial is the new policy's. */
    void reconfigure(BreakerPolicy next) {
        if (next.equals(policy)) {
            return;
        }
        policy = next;
        for (BackendNode node : writer.nodes.values()) {
            if (!next.enabled()) {
                forget(node, "breakers are switched off");
            } else if (breakerState(node) == BreakerState.CLOSED) {
                drop(node);
            }
        }
    }

    // On the call path.

    /**
     * Takes a call's end into account.
     *
     * @param under the breaker under which the call was made; null if it had none, or an open one
     * @param permitted whether the call had a permission of that breaker: a call that found nothing better was made without
     *     one, and its result counts like the others
     */
    void completed(BackendNode node, Outcome outcome, long latencyNanos, @Nullable Breaker under, boolean permitted) {
        if (outcome.isNeutral()) {
            if (under != null && permitted) {
                under.release();
            }
            return;
        }
        Breaker breaker = node.particulars().breaker;
        if (breaker == null) {
            if (!outcome.isFailure() || !policy.enabled()) {
                return;
            }
            breaker = first(node);
        }
        if (breaker == null || (breaker != under && breakerState(node) != BreakerState.CLOSED)) {
            // A call from before the trial says nothing about it.
            return;
        }
        breaker.record(outcome.isFailure(), latencyNanos);
        BreakerState state = breaker.state();
        if (state != breakerState(node)) {
            moved(node, breaker, outcome);
        } else if (state == BreakerState.CLOSED && breaker.successStreak() >= policy.windowSize()) {
            healed(node, breaker);
        }
    }

    private @Nullable Breaker first(BackendNode node) {
        Breaker fresh = Breaker.closed(node.backend.id(), policy, settings.timeSource());
        Particulars own = node.ownParticulars();
        return BREAKER.compareAndSet(own, null, fresh) ? fresh : own.breaker;
    }

    // Beside it.

    private void moved(BackendNode node, Breaker breaker, Outcome outcome) {
        writer.consider(node, () -> {
            BreakerState state = breaker.state();
            Particulars own = node.ownParticulars();
            if (own.breaker != breaker || state == own.breakerState) {
                return false;
            }
            if (state == BreakerState.OPEN) {
                own.unreachable = outcome == Outcome.NEVER_SENT;
                is(node, state, breaker.describe());
                waitForTrial(node, breaker);
            } else {
                own.breaker = null;
                own.breakerOpenings = 0;
                is(node, BreakerState.CLOSED, "the trial calls succeeded");
            }
            return true;
        });
    }

    private void healed(BackendNode node, Breaker breaker) {
        writer.consider(node, () -> {
            if (isIts(node, breaker) && breaker.state() == BreakerState.CLOSED) {
                drop(node);
            }
            return false;
        });
    }

    private void waitForTrial(BackendNode node, Breaker breaker) {
        Duration wait = Backoff.jittered(
                policy.openDuration(),
                policy.maxOpenDuration(),
                node.ownParticulars().breakerOpenings++,
                settings.random());
        settings.scheduler()
                .schedule(() -> writer.consider(node, () -> isIts(node, breaker) && beginTrial(node, wait)), wait);
    }

    private boolean beginTrial(BackendNode node, Duration waited) {
        Breaker trial = Breaker.trial(node.backend.id(), policy, settings.timeSource());
        node.ownParticulars().breaker = trial;
        is(node, BreakerState.HALF_OPEN, "open for " + waited);
        settings.scheduler()
                .schedule(
                        () -> writer.consider(node, () -> isIts(node, trial) && giveUp(node, trial)),
                        policy.halfOpenMaxWait());
        return true;
    }

    private boolean giveUp(BackendNode node, Breaker trial) {
        trial.giveUp();
        if (trial.state() != BreakerState.OPEN || breakerState(node) != BreakerState.HALF_OPEN) {
            // Its last call has just ended it, and is about to say so.
            return false;
        }
        is(node, BreakerState.OPEN, "the trial calls did not end within " + policy.halfOpenMaxWait());
        waitForTrial(node, trial);
        return true;
    }

    private void is(BackendNode node, BreakerState state, String cause) {
        writer.tell(new BreakerChanged(settings.name(), Instant.now(), node.backend, breakerState(node), state, cause));
        node.ownParticulars().breakerState = state;
    }

    /** Under the lock: the node starts with a clean slate. */
    void forget(BackendNode node, String cause) {
        drop(node);
        if (node.particulars().breakerOpenings > 0) {
            node.ownParticulars().breakerOpenings = 0;
        }
        if (breakerState(node) != BreakerState.CLOSED) {
            is(node, BreakerState.CLOSED, cause);
        }
    }

    private static void drop(BackendNode node) {
        if (node.particulars().breaker != null) {
            node.ownParticulars().breaker = null;
        }
    }

    private static boolean isIts(BackendNode node, Breaker breaker) {
        return node.particulars().breaker == breaker;
    }

    private static BreakerState breakerState(BackendNode node) {
        return node.particulars().breakerState;
    }
}
