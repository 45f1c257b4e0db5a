package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.PoolFigures.BackendFigures;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.EjectionState;
import dev.evenkeel.lb.core.internal.health.ActiveHealthChecks;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
                            node.ejection().count(),
                            node.circuit().openings(),
                            checks.lastCheck(node, nowNanos)));
        }
        return figures;
    }

    private static @Nullable Long sinceNanos(BackendState node, @Nullable Long checkedNanos) {
        EjectionState ejection = node.ejection();
        if (node.closedBecause() == null) {
            Long latest = checkedNanos;
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
            case EJECTED -> ejection.sinceNanos();
            case BREAKER_OPEN -> node.circuit().sinceNanos();
            default -> null;
        };
    }

    private static Long later(@Nullable Long known, long nanos) {
        return known == null || nanos - known > 0 ? (Long) nanos : known;
    }
}
