package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import org.jspecify.annotations.Nullable;

/**
 * Condition of one backend, judged by itself. Whether it is used depends on the conditions of all backends in its tier.
 */
public enum BackendCondition {
    HEALTHY,
    /** Healthy, but to be used only for what the healthy backends cannot take. */
    DEGRADED,
    /** It responds, but with errors: it is ejected, or its breaker is open. */
    FAILING,
    /** Calls could not reach it. It has no capacity to lose. */
    UNREACHABLE,
    /** It could take calls, but has asked for a cooldown. */
    RESTING,
    /** Active checks found it down. */
    DOWN,
    /** An operator has taken it out, or it reports a weight of 0. */
    WITHDRAWN,
    /** It is removed, but has calls in flight. */
    LEAVING;

    public static BackendCondition of(BackendState node) {
        if (node.removed) {
            return LEAVING;
        }
        RareBackendState known = node.particulars();
        if (known.adminState != AdminState.ACTIVE || known.weightPercent == 0) {
            return WITHDRAWN;
        }
        if (node.effectiveHealth() == HealthState.DOWN) {
            return DOWN;
        }
        if (known.breakerState == BreakerState.OPEN || known.ejected) {
            return known.unreachable ? UNREACHABLE : FAILING;
        }
        if (known.resting) {
            return RESTING;
        }
        return node.finding.state() == HealthState.DEGRADED ? DEGRADED : HEALTHY;
    }

    public boolean isGood() {
        return this == HEALTHY || this == DEGRADED;
    }

    /** The reason why a backend in this condition is not used; null if it is used. */
    public static @Nullable Ineligibility ineligibility(BackendState node) {
        return switch (node.standing) {
            case HEALTHY, DEGRADED -> null;
            case FAILING, UNREACHABLE ->
                node.particulars().breakerState == BreakerState.OPEN
                        ? Ineligibility.BREAKER_OPEN
                        : Ineligibility.EJECTED;
            case RESTING -> Ineligibility.RESTING;
            case DOWN -> Ineligibility.DOWN;
            case WITHDRAWN ->
                node.adminState() == AdminState.MAINTENANCE ? Ineligibility.MAINTENANCE : Ineligibility.DRAINING;
            case LEAVING -> Ineligibility.DRAINING;
        };
    }
}
