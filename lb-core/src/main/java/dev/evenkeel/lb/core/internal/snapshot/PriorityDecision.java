package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.topology.PanicPolicy.Response;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is used, and how the tiers share the load, given how all backends stand.
 *
 * <p>If no backend is good, those that have asked for a rest are used. If nobody were left even so, what calls have found out is
 * not believed: those that are ejected, or whose breaker is open, are used; what active checks and operators say stands.
 */
final class PriorityDecision {
    private final PanicPolicy panicPolicy;
    private final List<TierCounts> tallies;
    private final List<PriorityLoad.Tier> tiers;
    private final PriorityLoad load;
    private final PriorityLoad believed;
    private final boolean restsEnd;
    private final boolean lastResort;

    private PriorityDecision(
            PanicPolicy panicPolicy,
            List<TierCounts> tallies,
            List<PriorityLoad.Tier> tiers,
            PriorityLoad load,
            PriorityLoad believed,
            boolean restsEnd,
            boolean lastResort) {
        this.panicPolicy = panicPolicy;
        this.tallies = tallies;
        this.tiers = tiers;
        this.load = load;
        this.believed = believed;
        this.restsEnd = restsEnd;
        this.lastResort = lastResort;
    }

    static PriorityDecision of(PriorityPolicy priorities, PanicPolicy panic, List<TierCounts> tallies) {
        boolean restsEnd = tallies.stream().allMatch(tally -> tally.good() == 0)
                && tallies.stream().anyMatch(tally -> tally.resting() > 0);
        List<PriorityLoad.Tier> tiers = tallies.stream()
                .map(tally -> tally.asTier(panic.response(), restsEnd))
                .toList();
        PriorityLoad believed = PriorityLoad.of(priorities, panic.thresholdPercent(), tiers);
        boolean failsFast = false;
        long used = 0;
        for (int i = 0; i < tallies.size(); i++) {
            used += believed.isPanic(i)
                    ? tiers.get(i).usableInPanic()
                    : tallies.get(i).good() + (restsEnd ? tallies.get(i).resting() : 0);
            failsFast |= believed.isPanic(i) && panic.response() == Response.FAIL_FAST;
        }
        if (used > 0 || failsFast) {
            return new PriorityDecision(panic, tallies, tiers, believed, believed, restsEnd, false);
        }
        List<PriorityLoad.Tier> undoubted =
                tallies.stream().map(TierCounts::asTierWithoutDoubt).toList();
        return new PriorityDecision(panic, tallies, tiers, PriorityLoad.of(priorities, 0, undoubted), believed, false, true);
    }

    /** What the healthy backends of a tier get, or all that it uses if they are {@link #isMixed}. */
    int healthyPercent(int tier) {
        return isMixed(tier) ? load.percent(tier) : load.healthyPercent(tier);
    }

    int degradedPercent(int tier) {
        return isMixed(tier) ? 0 : load.degradedPercent(tier);
    }

    /** How much of a tier is healthy or degraded. */
    int goodPercent(int tier) {
        return tiers.get(tier).healthyPercent();
    }

    /** A tier of which nothing is to serve has nothing to panic about. */
    boolean isPanic(int tier) {
        return believed.isPanic(tier) && tiers.get(tier).serving() > 0;
    }

    /** Whether all that a tier uses is used alike, however healthy. */
    boolean isMixed(int tier) {
        return lastResort || believed.isPanic(tier);
    }

    /** Why a tier's calls fail; empty if they do not. */
    String refusal(int tier) {
        if (!refuses(tier)) {
            return "";
        }
        return "tier " + tallies.get(tier).priority + " is in panic, " + goodPercent(tier) + " % of it healthy and "
                + panicPolicy.thresholdPercent() + " % wanted, and the pool's policy is to fail fast then";
    }

    private boolean refuses(int tier) {
        return panicPolicy.response() == Response.FAIL_FAST && isPanic(tier);
    }

    /** Whether whoever stands as before is used as before, under this verdict as under the other one of as many tiers. */
    boolean isLike(PriorityDecision other) {
        boolean like = lastResort == other.lastResort && restsEnd == other.restsEnd;
        for (int i = 0; i < tallies.size() && like; i++) {
            like = isMixed(i) == other.isMixed(i)
                    && refuses(i) == other.refuses(i)
                    && doubtsCalls(i) == other.doubtsCalls(i)
                    && (healthyPercent(i) == 0) == (other.healthyPercent(i) == 0)
                    && (degradedPercent(i) == 0) == (other.degradedPercent(i) == 0);
        }
        return like;
    }

    /** Why a backend of a tier is not used; null if it is. */
    @Nullable
    Ineligibility ineligibility(int tier, BackendState node) {
        Ineligibility own = BackendCondition.ineligibility(node);
        if (refuses(tier)) {
            return own == null && !node.isOnTrial() ? Ineligibility.PANIC : own;
        }
        return own == null || isUsedNevertheless(node.standing, tier) ? null : own;
    }

    /**
     * Whether backends that calls found failing are used all the same. Those that are dead are a reason to panic, but none to
     * believe that the fault is elsewhere: that depends on how many of the backends that answer are good.
     */
    private boolean doubtsCalls(int tier) {
        boolean all = lastResort || panicPolicy.response() == Response.USE_ALL;
        return isMixed(tier) && (all || tallies.get(tier).isGoodBelow(panicPolicy.thresholdPercent()));
    }

    private boolean isUsedNevertheless(BackendCondition standing, int tier) {
        boolean all = isMixed(tier) && !lastResort && panicPolicy.response() == Response.USE_ALL;
        return switch (standing) {
            case FAILING -> doubtsCalls(tier);
            case UNREACHABLE -> lastResort || all;
            case DOWN -> all;
            case RESTING -> restsEnd;
            case HEALTHY, DEGRADED, WITHDRAWN, LEAVING -> false;
        };
    }
}
