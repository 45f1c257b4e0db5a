package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.spi.Picker;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What calls read: the tiers in use, each with the picker made for it. Immutable; the registry publishes a new one for
 * every change.
 *
 * @param version counts the publications
 * @param tiers with at least one eligible backend each, in the order of their priority
 * @param all every backend of the pool, the leaving ones included
 * @param closed whether the pool is closed
 */
record Snapshot(long version, List<Tier> tiers, List<BackendNode> all, boolean closed) {

    /** The eligible backends of one priority, and the picker made for exactly these with exactly these weights. */
    static final class Tier {
        final int priority;
        final List<BackendNode> nodes;
        final Picker picker;
        private final double[] weights;

        Tier(int priority, List<BackendNode> nodes, double[] weights, Picker picker) {
            this.priority = priority;
            this.nodes = nodes;
            this.weights = weights;
            this.picker = picker;
        }

        boolean isSame(List<BackendNode> otherNodes, double[] otherWeights) {
            return Arrays.equals(weights, otherWeights) && nodes.equals(otherNodes);
        }
    }

    Unavailable unavailable(String pool, List<Backend> tried, String detail) {
        Map<Ineligibility, Integer> reasons = new EnumMap<>(Ineligibility.class);
        int backends = 0;
        for (BackendNode node : all) {
            Ineligibility reason = node.closedBecause;
            if (reason == null) {
                if (isTried(node, tried)) {
                    reason = Ineligibility.TRIED;
                } else if (!node.isAvailable()) {
                    reason = node.trial ? Ineligibility.EJECTED : Ineligibility.FULL;
                }
            }
            backends++;
            if (reason != null) {
                reasons.merge(reason, 1, Integer::sum);
            }
        }
        return new Unavailable(pool, backends, reasons, tried, closed ? "the pool is closed" : detail);
    }

    static boolean isTried(BackendNode node, List<Backend> tried) {
        String id = node.backend.id();
        for (int i = 0; i < tried.size(); i++) {
            if (tried.get(i).id().equals(id)) {
                return true;
            }
        }
        return false;
    }
}
