package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.Unavailable.Occupancy;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Immutable state that calls read. The registry publishes a new one for every change.
 *
 * @param version number of the publication
 * @param levels for calls without a subset, as in {@link SelectionPlan}
 * @param draw likewise
 * @param subsets for calls with a subset
 * @param tiers status of the whole pool, for people
 * @param all every backend of the pool, including backends that are leaving
 * @param closed whether the pool is closed
 */
public record Snapshot(
        long version,
        List<PriorityLevel> levels,
        WeightedChoice draw,
        SubsetIndex subsets,
        List<TierStatus> tiers,
        List<BackendState> all,
        boolean closed) {

    public Unavailable unavailable(
            String pool,
            List<Backend> tried,
            @Nullable Predicate<Backend> permitted,
            @Nullable Subset subset,
            String detail) {
        if (subset != null && !closed && subsets.find(subset).levels().isEmpty() && !subsets.has(subset)) {
            return unavailableAsAWhole(pool, tried, subsets.detail(subset));
        }
        if (closed) {
            return unavailableAsAWhole(pool, tried, detail);
        }
        Subset within = subset != null && subsets.has(subset) ? subset : null;
        Exclusions exclusions = new Exclusions();
        for (BackendState node : all) {
            if (within == null || within.matches(node.backend())) {
                exclusions.count(node, reason(node, tried, permitted, detail));
            }
        }
        Unavailable unavailable =
                new Unavailable(pool, exclusions.backends, exclusions.reasons, tried, detail(subset, detail));
        return exclusions.full && detail.isEmpty() ? unavailable.withOccupancy(exclusions.occupancy()) : unavailable;
    }

    private static @Nullable Ineligibility reason(
            BackendState node, List<Backend> tried, @Nullable Predicate<Backend> permitted, String detail) {
        Ineligibility closedBecause = node.closedBecause();
        if (closedBecause != null) {
            return closedBecause;
        }
        Ineligibility ofRequest = ofRequest(node, tried, permitted);
        return ofRequest == null ? ineligibility(node, detail) : ofRequest;
    }

    /** Backends that a request cannot use, by reason, and how full they are. */
    private static final class Exclusions {
        private int backends;
        private final Map<Ineligibility, Integer> reasons = new EnumMap<>(Ineligibility.class);
        private boolean full;
        private long limit;
        private int inFlight;

        void count(BackendState node, @Nullable Ineligibility reason) {
            backends++;
            if (reason != null) {
                reasons.merge(reason, 1, Integer::sum);
            }
            if (node.closedBecause() == null) {
                full |= reason == Ineligibility.FULL;
                if (reason != Ineligibility.NOT_PERMITTED) {
                    limit += node.mostInFlight();
                    inFlight += node.inFlight();
                }
            }
        }

        Occupancy occupancy() {
            return new Occupancy((int) Math.min(Integer.MAX_VALUE, limit), inFlight, 0, 0, Duration.ZERO);
        }
    }

    private String detail(@Nullable Subset subset, String detail) {
        if (subset == null) {
            return detail;
        }
        String wanted = subsets.detail(subset);
        return detail.isEmpty() ? wanted : wanted + "; " + detail;
    }

    /** The reason that the request itself has to exclude a backend; null if it has none. */
    public static @Nullable Ineligibility ofRequest(
            BackendState node, List<Backend> tried, @Nullable Predicate<Backend> permitted) {
        if (permitted != null && !permitted.test(node.backend())) {
            return Ineligibility.NOT_PERMITTED;
        }
        return isTried(node, tried) ? Ineligibility.TRIED : null;
    }

    /** The reason that keeps a request, which permits the backend, from an open backend. */
    private static @Nullable Ineligibility ineligibility(BackendState node, String detail) {
        if (detail.isEmpty()) {
            // A request that finds no better backend is kept out by the backend's own limit only. If a call has ended
            // meanwhile, the backend was full a moment ago.
            return node.mostInFlight() == BackendState.UNLIMITED ? null : Ineligibility.FULL;
        }
        if (!node.isAvailable()) {
            return node.isTrial() ? Ineligibility.EJECTED : Ineligibility.FULL;
        }
        return node.circuit().state() == BreakerState.HALF_OPEN ? Ineligibility.BREAKER_OPEN : null;
    }

    /** As above, but without inspecting each backend. */
    public Unavailable unavailableAsAWhole(String pool, List<Backend> tried, String detail) {
        return new Unavailable(pool, all.size(), Map.of(), tried, closed ? "the pool is closed" : detail);
    }

    public static boolean isTried(BackendState node, List<Backend> tried) {
        String id = node.backend().id();
        for (int i = 0; i < tried.size(); i++) {
            if (tried.get(i).id().equals(id)) {
                return true;
            }
        }
        return false;
    }
}
