package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PanicPolicy.Response;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which backends are used and how the tiers share the load, given the condition of all backends.
 *
 * <p>If no backend is good, backends in a cooldown are used. If that leaves none either, passive health is ignored:
 * ejected backends and backends with an open breaker are used. Results of active checks and the admin state always
 * hold.
 */
final class PriorityDecision {
    private final PanicPolicy panicPolicy;
    private final List<TierCounts> counts;
    private final List<PriorityLoad.Tier> tiers;
    private final PriorityLoad load;
    private final PriorityLoad believed;
    private final boolean restsEnd;
    private final boolean ignoresPassiveHealth;

    private PriorityDecision(
            PanicPolicy panicPolicy,
            List<TierCounts> counts,
            List<PriorityLoad.Tier> tiers,
            PriorityLoad load,
            PriorityLoad believed,
            boolean restsEnd,
            boolean ignoresPassiveHealth) {
        this.panicPolicy = panicPolicy;
        this.counts = counts;
        this.tiers = tiers;
        this.load = load;
        this.believed = believed;
        this.restsEnd = restsEnd;
        this.ignoresPassiveHealth = ignoresPassiveHealth;
    }

    static PriorityDecision of(PriorityPolicy priorities, PanicPolicy panic, List<TierCounts> counts) {
        boolean restsEnd = restsEnd(counts);
        List<PriorityLoad.Tier> tiers = new ArrayList<>(counts.size());
        for (TierCounts tier : counts) {
            tiers.add(tier.asTier(panic.response(), restsEnd));
        }
        PriorityLoad believed = PriorityLoad.of(priorities, panic.thresholdPercent(), tiers);
        boolean failsFast = false;
        long used = 0;
        for (int i = 0; i < counts.size(); i++) {
            used += believed.isPanic(i)
                    ? tiers.get(i).usableInPanic()
                    : counts.get(i).good() + (restsEnd ? counts.get(i).resting() : 0);
            failsFast |= believed.isPanic(i) && panic.response() == Response.FAIL_FAST;
        }
        if (used > 0 || failsFast) {
            return new PriorityDecision(panic, counts, tiers, believed, believed, restsEnd, false);
        }
        List<PriorityLoad.Tier> undoubted =
                counts.stream().map(TierCounts::asTierWithoutDoubt).toList();
        return new PriorityDecision(
                panic, counts, tiers, PriorityLoad.of(priorities, 0, undoubted), believed, false, true);
    }

    private static boolean restsEnd(List<TierCounts> counts) {
        boolean isResting = false;
        for (TierCounts tier : counts) {
            if (tier.good() > 0) {
                return false;
            }
            isResting |= tier.resting() > 0;
        }
        return isResting;
    }

    /** The share of the healthy backends of a tier, or of all backends that it uses if {@link #treatsAllAlike}. */
    int healthyPercent(int tier) {
        return treatsAllAlike(tier) ? load.percent(tier) : load.healthyPercent(tier);
    }

    int degradedPercent(int tier) {
        return treatsAllAlike(tier) ? 0 : load.degradedPercent(tier);
    }

    /** The share of a tier that is healthy or degraded. */
    int goodPercent(int tier) {
        return tiers.get(tier).healthyPercent();
    }

    /** Whether a tier is in panic. A tier without serving backends never is. */
    boolean isPanic(int tier) {
        return believed.isPanic(tier) && tiers.get(tier).serving() > 0;
    }

    /** Whether a tier treats all backends that it uses alike, regardless of their health. */
    boolean treatsAllAlike(int tier) {
        return ignoresPassiveHealth || believed.isPanic(tier);
    }

    /** The reason why a tier fails its calls; empty if it does not. */
    String refusal(int tier) {
        if (!refuses(tier)) {
            return "";
        }
        return "tier " + counts.get(tier).priority + " is in panic, " + goodPercent(tier) + " % of it healthy and "
                + panicPolicy.thresholdPercent() + " % wanted, and the pool's policy is to fail fast then";
    }

    private boolean refuses(int tier) {
        return panicPolicy.response() == Response.FAIL_FAST && isPanic(tier);
    }

    /**
     * True if a backend of unchanged condition is equally eligible under both decisions, which have the same number of
     * tiers.
     */
    boolean hasSameEligibility(PriorityDecision other) {
        boolean same = ignoresPassiveHealth == other.ignoresPassiveHealth && restsEnd == other.restsEnd;
        for (int i = 0; i < counts.size() && same; i++) {
            same = treatsAllAlike(i) == other.treatsAllAlike(i)
                    && refuses(i) == other.refuses(i)
                    && doubtsCalls(i) == other.doubtsCalls(i)
                    && (healthyPercent(i) == 0) == (other.healthyPercent(i) == 0)
                    && (degradedPercent(i) == 0) == (other.degradedPercent(i) == 0);
        }
        return same;
    }

    /** The reason why a backend of a tier is not used; null if it is used. */
    @Nullable
    Ineligibility ineligibility(int tier, BackendState node) {
        Ineligibility own = BackendCondition.ineligibility(node);
        if (refuses(tier)) {
            return own == null && !BackendCondition.isOnTrial(node) ? Ineligibility.PANIC : own;
        }
        return own == null || isUsedNevertheless(node.condition(), tier) ? null : own;
    }

    /**
     * Whether backends that calls found failing are used all the same. Unreachable backends count as a reason for
     * panic, but not as a sign that the fault lies elsewhere: that depends on the share of good backends among those
     * answering.
     */
    private boolean doubtsCalls(int tier) {
        boolean all = ignoresPassiveHealth || panicPolicy.response() == Response.USE_ALL;
        return treatsAllAlike(tier) && (all || counts.get(tier).isGoodBelow(panicPolicy.thresholdPercent()));
    }

    private boolean isUsedNevertheless(BackendCondition condition, int tier) {
        boolean all = treatsAllAlike(tier) && !ignoresPassiveHealth && panicPolicy.response() == Response.USE_ALL;
        return switch (condition) {
            case FAILING -> doubtsCalls(tier);
            case UNREACHABLE -> ignoresPassiveHealth || all;
            case DOWN -> all;
            case RESTING -> restsEnd;
            case HEALTHY, DEGRADED, WITHDRAWN, LEAVING -> false;
        };
    }
}
