package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import java.time.Duration;
import java.util.Collection;
import java.util.random.RandomGenerator;

/** The caps on ejection: at most 30 % of the backends (at least one) at a time, and never the last one in use. */
final class Ejections {
    private static final Duration BASE = Duration.ofSeconds(1);
    private static final Duration CAP = Duration.ofSeconds(60);
    private static final double MAX_SHARE = 0.30;
    /** After this long without an ejection a backend starts afresh. */
    private static final long FORGIVEN_NANOS = Duration.ofMinutes(1).toNanos();

    private Ejections() {}

    static boolean mayEject(BackendNode node, Collection<BackendNode> all) {
        if (node.ejected || node.trial || !inService(node)) {
            return false;
        }
        int serving = 0;
        int ejected = 0;
        int usable = 0;
        for (BackendNode other : all) {
            if (inService(other)) {
                serving++;
                if (other.ejected) {
                    ejected++;
                } else if (other.breakerState != BreakerState.OPEN) {
                    usable++;
                }
            }
        }
        boolean othersLeft = usable > (node.breakerState == BreakerState.OPEN ? 0 : 1);
        return othersLeft && ejected < Math.max(1, (int) (serving * MAX_SHARE));
    }

    static Duration duration(BackendNode node, long nowNanos, RandomGenerator random) {
        if (node.ejections > 0 && nowNanos - node.lastEjectionEndNanos > FORGIVEN_NANOS) {
            node.ejections = 0;
        }
        return Backoff.jittered(BASE, CAP, node.ejections++, random);
    }

    /** Wanted by the operator and not found down. */
    static boolean inService(BackendNode node) {
        return !node.removed && node.adminState == AdminState.ACTIVE && node.health != HealthState.DOWN;
    }
}
