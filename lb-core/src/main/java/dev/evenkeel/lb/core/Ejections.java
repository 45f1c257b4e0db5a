package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendReturned;
import java.time.Duration;
import java.time.Instant;

/**
 * Ejection and return. A detector proposes; the caps decide: at most 30 % of the backends (at least one) at a time, and
 * never the last one in use. A backend that returns takes one call at a time until one succeeds.
 */
final class Ejections {
    private static final Duration BASE = Duration.ofSeconds(1);
    private static final Duration CAP = Duration.ofSeconds(60);
    private static final double MAX_SHARE = 0.30;
    /** After this long without an ejection a backend starts afresh. */
    private static final long FORGIVEN_NANOS = Duration.ofMinutes(1).toNanos();

    private final Settings settings;
    private final Writer writer;

    Ejections(Settings settings, Writer writer) {
        this.settings = settings;
        this.writer = writer;
    }

    /** A detector proposes. */
    void propose(BackendNode node, String cause) {
        writer.observe(node, () -> {
            if (!node.trial && mayEject(node)) {
                begin(node, cause);
            }
        });
    }

    /** The one call after an ejection has ended: a success re-admits, a failure ejects for longer. */
    void trialEnded(BackendNode node, Outcome outcome) {
        writer.observe(node, () -> {
            if (!node.trial) {
                return;
            }
            node.trial = false;
            node.lastEjectionEndNanos = settings.timeSource().nanoTime();
            if (outcome.isFailure() && mayEject(node)) {
                begin(node, "failed again on its return: " + outcome);
            }
        });
    }

    private void begin(BackendNode node, String cause) {
        long nowNanos = settings.timeSource().nanoTime();
        if (node.ejections > 0 && nowNanos - node.lastEjectionEndNanos > FORGIVEN_NANOS) {
            node.ejections = 0;
        }
        Duration duration = Backoff.jittered(BASE, CAP, node.ejections++, settings.random());
        node.ejected = true;
        node.ejectedUntilNanos = nowNanos + duration.toNanos();
        long until = node.ejectedUntilNanos;
        settings.scheduler().schedule(() -> end(node, until), duration);
        writer.tell(new BackendEjected(settings.name(), Instant.now(), node.backend, duration, cause));
    }

    private void end(BackendNode node, long until) {
        writer.observe(node, () -> {
            if (node.ejected && node.ejectedUntilNanos == until) {
                node.ejected = false;
                node.trial = true;
                writer.tell(new BackendReturned(settings.name(), Instant.now(), node.backend));
            }
        });
    }

    /** Under the lock: the node starts with a clean slate. */
    void forget(BackendNode node) {
        node.ejected = false;
        node.trial = false;
    }

    private boolean mayEject(BackendNode node) {
        if (node.ejected || !inService(node)) {
            return false;
        }
        int serving = 0;
        int ejected = 0;
        boolean othersLeft = false;
        for (BackendNode other : writer.nodes.values()) {
            if (inService(other)) {
                serving++;
                if (other.ejected) {
                    ejected++;
                } else if (other != node && other.breakerState != BreakerState.OPEN) {
                    othersLeft = true;
                }
            }
        }
        return othersLeft && ejected < Math.max(1, (int) (serving * MAX_SHARE));
    }

    /** Wanted by the operator and not found down. */
    static boolean inService(BackendNode node) {
        return !node.removed && node.adminState == AdminState.ACTIVE && node.health != HealthState.DOWN;
    }
}
