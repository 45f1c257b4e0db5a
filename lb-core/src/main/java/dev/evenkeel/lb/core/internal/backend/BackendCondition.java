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

    /** The one place that derives whether a backend by itself may be used. */
    public static BackendCondition of(BackendState node) {
        BackendCondition regardless = regardlessOfCalls(node);
        if (!regardless.isGood()) {
            return regardless;
        }
        if (node.circuit().isOpen() || node.ejection().isEjected()) {
            return isUnreachable(node) ? UNREACHABLE : FAILING;
        }
        return node.cooldown().isActive() ? RESTING : regardless;
    }

    /** The condition by administration, checks and load reports alone. */
    private static BackendCondition regardlessOfCalls(BackendState node) {
        if (node.isRemoved()) {
            return LEAVING;
        }
        if (node.adminState() != AdminState.ACTIVE || node.loadReport().weightPercent() == 0) {
            return WITHDRAWN;
        }
        return switch (node.effectiveHealth()) {
            case DOWN -> DOWN;
            case DEGRADED -> DEGRADED;
            case UP, UNKNOWN -> HEALTHY;
        };
    }

    /** Whether the operator wants it and no check found it down. */
    public static boolean isInService(BackendState node) {
        return regardlessOfCalls(node).isGood();
    }

    /** Whether a circuit breaker or an ejection keeps it out, or lets only trial calls in. */
    public static boolean isOut(BackendState node) {
        return node.ejection().isEjected() || node.circuit().state() != BreakerState.CLOSED;
    }

    /** Whether it takes only a few calls, which show whether it works again. */
    public static boolean isOnTrial(BackendState node) {
        return node.isTrial() || node.circuit().state() == BreakerState.HALF_OPEN;
    }

    /** Whether it could not be reached when it went {@linkplain #isOut out}: for the last time, if both keep it out. */
    public static boolean isUnreachable(BackendState node) {
        CircuitState circuit = node.circuit();
        EjectionState ejection = node.ejection();
        if (circuit.state() == BreakerState.CLOSED) {
            return ejection.isEjected() && ejection.isUnreachable();
        }
        boolean ejectedLater = ejection.isEjected() && ejection.sinceNanos() - circuit.openedNanos() >= 0;
        return ejectedLater ? ejection.isUnreachable() : circuit.isUnreachable();
    }

    /** Whether requests of sessions bound to it may start although it drains. */
    static boolean keepsSessions(BackendState node) {
        return !node.drain().hasStoppedSessions()
                && node.adminState() != AdminState.MAINTENANCE
                && node.effectiveHealth() != HealthState.DOWN
                && !node.circuit().isOpen()
                && !node.ejection().isEjected()
                && !node.cooldown().isActive();
    }

    /** Whether only what calls have observed keeps it out: no operator does, no check, and no report of its own. */
    public boolean isPassive() {
        return this == FAILING || this == UNREACHABLE || this == RESTING;
    }

    static boolean isPassive(Ineligibility reason) {
        return reason == Ineligibility.BREAKER_OPEN
                || reason == Ineligibility.EJECTED
                || reason == Ineligibility.RESTING;
    }

    public boolean isGood() {
        return this == HEALTHY || this == DEGRADED;
    }

    /** The reason why a backend in this condition is not used; null if it is used. */
    public static @Nullable Ineligibility ineligibility(BackendState node) {
        return switch (node.condition()) {
            case HEALTHY, DEGRADED -> null;
            case FAILING, UNREACHABLE -> node.circuit().isOpen() ? Ineligibility.BREAKER_OPEN : Ineligibility.EJECTED;
            case RESTING -> Ineligibility.RESTING;
            case DOWN -> Ineligibility.DOWN;
            case WITHDRAWN ->
                node.adminState() == AdminState.MAINTENANCE ? Ineligibility.MAINTENANCE : Ineligibility.DRAINING;
            case LEAVING -> Ineligibility.DRAINING;
        };
    }
}
