package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.PoolFigures.BackendFigures;
import dev.evenkeel.lb.PoolFigures.IncidentFigures;
import dev.evenkeel.lb.PoolFigures.WeightFigures;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.DrainState;
import dev.evenkeel.lb.core.internal.backend.EjectionState;
import dev.evenkeel.lb.core.internal.health.ActiveHealthChecks;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What operators see of each backend beyond its status, read from what the policies keep anyway. */
final class OperatorFigures {
    private OperatorFigures() {}

    /** Under the pool's lock. */
    static Map<String, BackendFigures> describe(
            Iterable<BackendState> nodes, ActiveHealthChecks checks, long nowNanos) {
        Map<String, BackendFigures> figures = new HashMap<>();
        for (BackendState node : nodes) {
            Long since = sinceNanos(node, checks.changedNanos(node));
            int limit = node.limit();
            figures.put(
                    node.backend().id(),
                    new BackendFigures(
                            since == null ? null : Duration.ofNanos(Math.max(0, nowNanos - since)),
                            limit == BackendState.UNLIMITED ? 0 : limit,
                            node.retries(),
                            node.latencyP99Nanos() > 0 ? Duration.ofNanos((long) node.latencyP99Nanos()) : null,
                            weight(node),
                            incidents(node.ejection().count(), node.ejection().total()),
                            incidents(node.circuit().openings(), node.circuit().totalOpenings()),
                            checks.lastCheck(node, nowNanos)));
        }
        return figures;
    }

    private static IncidentFigures incidents(int recent, int total) {
        return total == 0 ? IncidentFigures.NONE : new IncidentFigures(recent, total);
    }

    /** Who set its weight, and what changes it. */
    static WeightFigures weight(BackendState node) {
        double configured = node.backend().weight();
        if (node.weight() == configured) {
            return new WeightFigures(node.weightSetBy(), Set.of());
        }
        Set<WeightSource> changedBy = EnumSet.noneOf(WeightSource.class);
        int percent = node.loadReport().weightPercent();
        double factor = node.ramp().factor();
        if (percent != 100) {
            changedBy.add(WeightSource.AGENT);
        }
        if (factor < 1) {
            changedBy.add(WeightSource.SLOW_START);
        }
        if (Math.abs(node.weight() - configured * factor * percent / 100) > 1e-9 * configured) {
            changedBy.add(WeightSource.ZONE);
        }
        return new WeightFigures(node.weightSetBy(), changedBy);
    }

    private static @Nullable Long sinceNanos(BackendState node, @Nullable Long checkedNanos) {
        EjectionState ejection = node.ejection();
        if (node.closedBecause() == null) {
            Long latest = node.hasAdminHistory() ? later(checkedNanos, node.adminSinceNanos()) : checkedNanos;
            if (ejection.inServiceSinceNanos() != 0 && !ejection.isEjected()) {
                latest =
                        later(latest, ejection.isTrial() ? ejection.trialSinceNanos() : ejection.inServiceSinceNanos());
            }
            boolean closedAgain =
                    node.circuit().sinceNanos() != 0 && node.circuit().state() == BreakerState.CLOSED;
            return closedAgain ? later(latest, node.circuit().sinceNanos()) : latest;
        }
        return switch (node.closedBecause()) {
            case DOWN -> node.checkedHealth().state() == HealthState.DOWN ? checkedNanos : null;
            case DRAINING, MAINTENANCE -> outOfServiceSinceNanos(node);
            case EJECTED -> ejection.sinceNanos();
            case BREAKER_OPEN -> node.circuit().sinceNanos();
            default -> null;
        };
    }

    /** A backend that leaves drains too, whatever its admin state is. */
    private static @Nullable Long outOfServiceSinceNanos(BackendState node) {
        DrainState.Pending leaving = node.isRemoved() ? node.drain().pending() : null;
        if (leaving != null) {
            return leaving.sinceNanos();
        }
        return node.adminState() != AdminState.ACTIVE ? (Long) node.adminSinceNanos() : null;
    }

    private static Long later(@Nullable Long known, long nanos) {
        return known == null || nanos - known > 0 ? (Long) nanos : known;
    }
}
