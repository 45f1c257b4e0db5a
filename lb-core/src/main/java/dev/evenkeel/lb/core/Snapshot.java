package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.TierStatus;
import dev.evenkeel.lb.Unavailable;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What calls read. Immutable; the registry publishes a new one for every change.
 *
 * @param version counts the publications
 * @param levels in the order in which they stand in for each other: the tiers' healthy parts, then their degraded parts
 * @param draw chooses the level that a call tries first
 * @param tiers the same for people
 * @param all every backend of the pool, the leaving ones included
 * @param closed whether the pool is closed
 */
record Snapshot(
        long version, List<Level> levels, Draw draw, List<TierStatus> tiers, List<BackendNode> all, boolean closed) {

    Unavailable unavailable(String pool, List<Backend> tried, String detail) {
        Map<Ineligibility, Integer> reasons = new EnumMap<>(Ineligibility.class);
        int backends = 0;
        for (BackendNode node : all) {
            Ineligibility reason = node.closedBecause();
            if (reason == null) {
                if (isTried(node, tried)) {
                    reason = Ineligibility.TRIED;
                } else if (!node.isAvailable()) {
                    reason = node.isTrial() ? Ineligibility.EJECTED : Ineligibility.FULL;
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
