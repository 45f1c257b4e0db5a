package dev.evenkeel.lb.core;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.Breaker;
import dev.evenkeel.lb.event.LoadBalancerEvent.BreakerChanged;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers of a pool: recording on the call path, and the timers that move them from open to half-open, and
 * back if their trial does not end. A breaker exists only while a backend has failures in its window.
 */
final class Breakers {
    private static final AtomicReferenceFieldUpdater<BackendNode, @Nullable Breaker> BREAKER =
            AtomicReferenceFieldUpdater.newUpdater(BackendNode.class, Breaker.class, "breaker");

    private final Settings settings;
    private final Writer writer;

    Breakers(Settings settings, Writer writer) {
        this.settings = settings;
        this.writer = writer;
    }

    // On the call path.

    /**
     * Takes a call's end into account.
     *
     * @param generation of the breaker when it permitted the call; -1 if it was not asked
     */
    void completed(BackendNode node, Outcome outcome, long latencyNanos, int generation) {
        Breaker breaker = node.breaker;
        if (breaker == null) {
            if (!outcome.isFailure() || !settings.breaker().enabled()) {
                return;
            }
            Breaker fresh = new Breaker(node.backend.id(), settings.breaker(), settings.timeSource());
            breaker = BREAKER.compareAndSet(node, null, fresh) ? fresh : node.breaker;
            if (breaker == null) {
                return;
            }
        }
        BreakerState before = node.breakerState;
        boolean permitted = generation == node.breakerGeneration;
        if (outcome.isNeutral()) {
            if (permitted) {
                breaker.release();
            }
            return;
        }
        if (!permitted && before != BreakerState.CLOSED) {
            return;
        }
        breaker.record(outcome.isFailure(), latencyNanos);
        if (breaker.state() != before) {
            moved(node, breaker, outcome);
        } else if (before == BreakerState.CLOSED) {
            forgetIfHealthy(node, outcome);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // a lost update keeps the breaker a little longer
    private void forgetIfHealthy(BackendNode node, Outcome outcome) {
        if (outcome.isFailure()) {
            node.successStreak = 0;
        } else if (++node.successStreak >= settings.breaker().windowSize()) {
            node.successStreak = 0;
            node.breaker = null;
        }
    }

    // Beside it.

    private void moved(BackendNode node, Breaker breaker, Outcome outcome) {
        writer.observe(node, () -> {
            BreakerState state = breaker.state();
            if (node.breaker != breaker || state == node.breakerState) {
                return;
            }
            is(node, state);
            if (state == BreakerState.OPEN) {
                node.unreachable = outcome == Outcome.NEVER_SENT;
                opened(node, breaker);
            } else if (state == BreakerState.CLOSED) {
                node.breakerOpenings = 0;
            }
        });
    }

    private void is(BackendNode node, BreakerState state) {
        writer.tell(new BreakerChanged(settings.name(), Instant.now(), node.backend, node.breakerState, state));
        node.breakerState = state;
        int generation = node.breakerGeneration + 1;
        node.breakerGeneration = generation;
    }

    private void opened(BackendNode node, Breaker breaker) {
        Duration wait = Backoff.jittered(
                settings.breaker().openDuration(),
                settings.breaker().maxOpenDuration(),
                node.breakerOpenings++,
                settings.random());
        int generation = node.breakerGeneration;
        settings.scheduler().schedule(() -> halfOpen(node, breaker, generation), wait);
    }

    private void halfOpen(BackendNode node, Breaker breaker, int generation) {
        writer.observe(node, () -> {
            if (node.breaker == breaker && node.breakerGeneration == generation) {
                breaker.halfOpen();
                is(node, BreakerState.HALF_OPEN);
                int trial = node.breakerGeneration;
                settings.scheduler()
                        .schedule(
                                () -> reopen(node, breaker, trial),
                                settings.breaker().halfOpenMaxWait());
            }
        });
    }

    private void reopen(BackendNode node, Breaker breaker, int generation) {
        writer.observe(node, () -> {
            if (node.breaker == breaker && node.breakerGeneration == generation) {
                breaker.reopen();
                is(node, BreakerState.OPEN);
                opened(node, breaker);
            }
        });
    }

    /** Under the lock: the node starts with a clean slate. */
    void forget(BackendNode node) {
        node.breaker = null;
        node.breakerOpenings = 0;
        if (node.breakerState != BreakerState.CLOSED) {
            is(node, BreakerState.CLOSED);
        }
    }
}
