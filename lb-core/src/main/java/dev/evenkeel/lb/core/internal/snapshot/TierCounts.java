package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Members of one tier by condition, counted in backends or in weights; backends that are leaving are not counted, and
 * replaced backends add nothing to the total while they are out. A
 * backend keeps the condition under which it was counted, so that a changed backend can be recounted alone.
 */
final class TierCounts {
    final int priority;

    private final boolean byWeight;
    private int members;
    private long total;
    private long awaited;
    private long serving;
    private long healthy;
    private long degraded;
    private long failing;
    private long unreachable;
    private long resting;

    TierCounts(int priority, boolean byWeight) {
        this.priority = priority;
        this.byWeight = byWeight;
    }

    private TierCounts copy() {
        TierCounts copy = new TierCounts(priority, byWeight);
        copy.members = members;
        copy.total = total;
        copy.awaited = awaited;
        copy.serving = serving;
        copy.healthy = healthy;
        copy.degraded = degraded;
        copy.failing = failing;
        copy.unreachable = unreachable;
        copy.resting = resting;
        return copy;
    }

    /** The counts of these backends, in the order of the tiers. */
    static List<TierCounts> count(List<BackendState> nodes, boolean byWeight) {
        Map<Integer, TierCounts> byPriority = new TreeMap<>();
        for (BackendState node : nodes) {
            if (node.condition() != BackendCondition.LEAVING) {
                byPriority
                        .computeIfAbsent(node.backend().priority(), priority -> new TierCounts(priority, byWeight))
                        .add(node);
            }
        }
        return List.copyOf(byPriority.values());
    }

    /**
     * The counts after some backends have changed.
     *
     * @return null if tiers were added or removed, or if no tier has a good backend before or after: then rebuild from
     *     scratch
     */
    static @Nullable List<TierCounts> recount(List<TierCounts> tiers, List<BackendState> touched) {
        List<TierCounts> recounted = new ArrayList<>(tiers.size());
        boolean good = false;
        for (TierCounts tier : tiers) {
            recounted.add(tier.copy());
            good |= tier.good() > 0;
        }
        for (BackendState node : touched) {
            Backend former = node.counted();
            TierCounts before = former == null ? null : of(recounted, former.priority());
            if (before != null) {
                before.count(node, -1);
            }
            remove(node);
            if (node.condition() != BackendCondition.LEAVING) {
                TierCounts after = of(recounted, node.backend().priority());
                if (after == null) {
                    return null;
                }
                after.add(node);
            }
        }
        boolean stillGood = false;
        for (TierCounts tier : recounted) {
            if (tier.members == 0) {
                return null;
            }
            stillGood |= tier.good() > 0;
        }
        return good && stillGood ? recounted : null;
    }

    private static @Nullable TierCounts of(List<TierCounts> tiers, int priority) {
        for (TierCounts tier : tiers) {
            if (tier.priority == priority) {
                return tier;
            }
        }
        return null;
    }

    private void add(BackendState node) {
        node.countIn();
        count(node, 1);
    }

    /** Records that no tier counts a backend any more. */
    static void remove(BackendState node) {
        node.countOut();
    }

    private void count(BackendState node, int times) {
        Backend backend = node.counted();
        BackendCondition condition = node.countedAs();
        long size = backend == null ? 0 : times * size(backend);
        members += times;
        if (node.wasCountedAwaited() && condition == BackendCondition.DOWN) {
            awaited += size;
            return;
        }
        // The capacity that is wanted of a replaced backend is that of the backend in its place.
        if (!node.wasCountedReplaced()) {
            total += size;
            if (condition != BackendCondition.WITHDRAWN && condition != BackendCondition.RESTING) {
                serving += size;
            }
        }
        switch (condition) {
            case HEALTHY -> healthy += size;
            case DEGRADED -> degraded += size;
            case FAILING -> failing += size;
            case UNREACHABLE -> unreachable += size;
            case RESTING -> resting += size;
            case DOWN, WITHDRAWN, LEAVING -> {}
        }
    }

    int members() {
        return members;
    }

    long size(BackendState node) {
        return size(node.backend());
    }

    private long size(Backend backend) {
        return byWeight ? backend.weight() : 1;
    }

    /**
     * The tier as an argument of {@link PriorityLoad}.
     *
     * @param restsEnd whether backends in a cooldown are used like healthy ones
     */
    PriorityLoad.Tier asTier(PanicPolicy.Response inPanic, boolean restsEnd) {
        long awake = restsEnd ? resting : 0;
        long usable = inPanic == PanicPolicy.Response.USE_ANSWERING ? healthy + degraded + failing : serving;
        return tier(healthy + awake, degraded, usable + awake, serving + awake);
    }

    /** As {@link #asTier}, but ignoring what calls have observed. */
    PriorityLoad.Tier asTierWithoutDoubt() {
        long usable = healthy + degraded + failing + unreachable;
        return tier(usable, 0, usable, serving);
    }

    /**
     * A backend that awaits its first check does not count yet: a tier that has just grown is not half down. If the
     * tier has no other backend, it is down. A replaced backend does not count either, but is used when nothing better
     * is left.
     */
    private PriorityLoad.Tier tier(long healthyPart, long degradedPart, long usable, long servingPart) {
        long all = Math.max(total, healthyPart + degradedPart);
        return all > 0 || usable > 0
                ? new PriorityLoad.Tier(all, healthyPart, degradedPart, servingPart, usable)
                : new PriorityLoad.Tier(awaited, 0, 0, awaited, 0);
    }

    long good() {
        return healthy + degraded;
    }

    long resting() {
        return resting;
    }

    /** Whether less than this share of the answering backends is good, counting backends that answer with errors. */
    boolean isGoodBelow(int percent) {
        return good() * 100 < (good() + failing) * percent;
    }

    /** How much of the good part can be lost before less than this share of the serving part is good. */
    long removable(int percent) {
        return good() - (serving * percent + 99) / 100;
    }
}
