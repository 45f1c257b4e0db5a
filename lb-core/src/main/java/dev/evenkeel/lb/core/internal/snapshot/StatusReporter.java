package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns the pool's state into values for people and monitoring. Guarded by the registry's lock. */
public final class StatusReporter {
    /** Status of a backend whose use has nothing unusual. */
    public static final String USED = "used";

    private static final Outcome[] OUTCOMES = Outcome.values();

    private StatusReporter() {}

    public static PoolSnapshot describe(String pool, LoadBalancingStrategy strategy, Snapshot snapshot, long nowNanos) {
        List<BackendStatus> statuses = new ArrayList<>(snapshot.all().size());
        boolean alternatives = hasAvailable(snapshot);
        for (BackendState node : snapshot.all()) {
            statuses.add(describe(node, alternatives, nowNanos));
        }
        return new PoolSnapshot(
                pool, strategy.name(), snapshot.version(), snapshot.closed(), snapshot.tiers(), statuses);
    }

    /** Whether a backend takes calls other than as a last resort. */
    static boolean hasAvailable(Snapshot snapshot) {
        for (BackendState node : snapshot.all()) {
            if (node.isAvailable()) {
                return true;
            }
        }
        return false;
    }

    private static BackendStatus describe(BackendState node, boolean alternatives, long nowNanos) {
        int inFlight = node.inFlight();
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        long ended = 0;
        for (Outcome outcome : OUTCOMES) {
            long count = node.counted(outcome);
            outcomes.put(outcome, count);
            ended += count;
        }
        double latencyNanos = node.latencyNanos();
        return new BackendStatus(
                node.backend(),
                node.adminState(),
                node.effectiveHealth(),
                node.effectiveHealthCause(),
                node.circuit().state(),
                node.ejection().isEjected()
                        ? Duration.ofNanos(Math.max(0, node.ejection().untilNanos() - nowNanos))
                        : null,
                reasons(node, alternatives),
                explanation(node, alternatives, nowNanos),
                node.weight(),
                inFlight,
                ended + inFlight,
                outcomes,
                latencyNanos > 0 ? Duration.ofNanos((long) latencyNanos) : null,
                node.failureRate(nowNanos));
    }

    private static Set<Ineligibility> reasons(BackendState node, boolean alternatives) {
        Ineligibility reason = reason(node, alternatives);
        return reason == null ? Set.of() : EnumSet.of(reason);
    }

    /**
     * The reason why a backend cannot be chosen now; null if it can.
     *
     * @param alternatives whether {@linkplain #hasAvailable another backend} takes calls; if not, trials and slow start
     *     hold no backend back
     */
    public static @Nullable Ineligibility reason(BackendState node, boolean alternatives) {
        Ineligibility closedBecause = node.closedBecause();
        if (closedBecause != null) {
            return closedBecause;
        }
        if (node.isAvailable()) {
            return node.idleBecause();
        }
        if (!alternatives && node.isAvailableAsLast()) {
            return null;
        }
        return node.isTrial() ? Ineligibility.EJECTED : Ineligibility.FULL;
    }

    public static String explanation(BackendState node, boolean alternatives, long nowNanos) {
        Ineligibility closedBecause = node.closedBecause();
        if (closedBecause == Ineligibility.PANIC) {
            return "healthy, but its tier is in panic and fails fast";
        }
        if (closedBecause != null) {
            return fault(node, nowNanos);
        }
        if (!node.isAvailable()) {
            return restriction(node, alternatives);
        }
        Ineligibility idleBecause = node.idleBecause();
        return idleBecause == null ? use(node, nowNanos) : "not used: " + idleBecause.text();
    }

    /** What keeps calls from a backend that is open. */
    private static String restriction(BackendState node, boolean alternatives) {
        if (!alternatives && node.isAvailableAsLast()) {
            return "used although " + (node.isTrial() ? "on trial" : "at the limit of its slow start")
                    + "; nothing better is left";
        }
        return node.isTrial()
                ? "back from an ejection: one call at a time until one succeeds"
                : "full: " + node.inFlight() + " calls in flight, at most " + node.limit();
    }

    /** What is unusual about a backend that is used. */
    private static String use(BackendState node, long nowNanos) {
        if (node.condition() == BackendCondition.RESTING) {
            return "used although it has asked for a rest; no other backend is left";
        }
        if (!node.condition().isGood()) {
            return "used although " + fault(node, nowNanos) + "; too little of the tier is left";
        }
        String used = node.condition() == BackendCondition.DEGRADED
                ? "used although degraded: " + node.checkedHealth().cause()
                : USED;
        if (node.loadReport().weightPercent() != 100) {
            used += "; it asks for " + node.loadReport().weightPercent() + " % of its weight";
        }
        return node.ramp().isRamping()
                ? String.format(
                        Locale.ROOT,
                        "%s; slow start at %.0f %%",
                        used,
                        100 * node.ramp().factor())
                : used;
    }

    /** The backend's own fault, as text. */
    public static String fault(BackendState node, long nowNanos) {
        return switch (node.condition()) {
            case DOWN -> "down: " + node.effectiveHealthCause();
            case UNREACHABLE -> passiveFault(node, nowNanos) + ": it cannot be reached";
            case FAILING -> passiveFault(node, nowNanos) + (node.circuit().isOpen() ? ": it fails" : "");
            case RESTING ->
                "resting as it asked, for another "
                        + millisUntil(node.cooldown().untilNanos(), nowNanos) + " ms";
            case WITHDRAWN ->
                switch (node.adminState()) {
                    case MAINTENANCE -> "in maintenance";
                    case DRAINING -> "draining";
                    case ACTIVE -> "draining: it asks for 0 % of its weight";
                };
            case LEAVING -> "removed, and draining";
            case HEALTHY, DEGRADED -> "healthy";
        };
    }

    private static String passiveFault(BackendState node, long nowNanos) {
        return node.circuit().isOpen()
                ? "its breaker is open"
                : "ejected for another " + millisUntil(node.ejection().untilNanos(), nowNanos) + " ms";
    }

    private static long millisUntil(long untilNanos, long nowNanos) {
        return Duration.ofNanos(Math.max(0, untilNanos - nowNanos)).toMillis();
    }
}
