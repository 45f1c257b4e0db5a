package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import org.jspecify.annotations.Nullable;

/** What is known of one backend, taken by itself. What follows from it depends on how the others of its tier stand. */
public enum BackendCondition {
    HEALTHY,
    /** Healthy, but to be spared. */
    DEGRADED,
    /** It answers, with errors: ejected, or its breaker is open. */
    FAILING,
    /** Calls found that it cannot be reached; it has no capacity to lose. */
    UNREACHABLE,
    /** It could take calls, but has asked for a rest. */
    RESTING,
    /** Active checks found it down. */
    DOWN,
    /** An operator has taken it out, or it asks for a weight of 0. */
    WITHDRAWN,
    /** Removed, with calls left. */
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

    /** Why a backend of this standing is out, if it is. */
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
