package dev.evenkeel.lb.core;

import dev.evenkeel.lb.core.health.PanicPolicy;
import dev.evenkeel.lb.core.health.PriorityLoad;
import java.util.ArrayList;
import java.util.List;

/** The members of one tier and how they stand, in backends or in weights. */
final class Tally {
    final int priority;
    /** In the order of the pool's list; those that are leaving do not belong to it any more. */
    final List<BackendNode> members = new ArrayList<>();

    private final boolean byWeight;
    private long total;
    private long awaited;
    private long serving;
    private long healthy;
    private long degraded;
    private long failing;
    private long unreachable;

    Tally(int priority, boolean byWeight) {
        this.priority = priority;
        this.byWeight = byWeight;
    }

    void add(BackendNode node) {
        members.add(node);
        long size = size(node);
        if (node.awaitsFirstCheck && node.standing == Standing.DOWN) {
            awaited += size;
            return;
        }
        total += size;
        if (node.standing != Standing.WITHDRAWN && node.standing != Standing.RESTING) {
            serving += size;
        }
        switch (node.standing) {
            case HEALTHY -> healthy += size;
            case DEGRADED -> degraded += size;
            case FAILING -> failing += size;
            case UNREACHABLE -> unreachable += size;
            case RESTING, DOWN, WITHDRAWN, LEAVING -> {}
        }
    }

    long size(BackendNode node) {
        return byWeight ? node.backend.weight() : 1;
    }

    /** As the arithmetic sees it. */
    PriorityLoad.Tier asTier(PanicPolicy.Response inPanic) {
        long usable = inPanic == PanicPolicy.Response.USE_ANSWERING ? healthy + degraded + failing : serving;
        return tier(healthy, degraded, usable);
    }

    /** As {@link #asTier}, if what calls have found out is not believed. */
    PriorityLoad.Tier asTierWithoutDoubt() {
        long usable = healthy + degraded + failing + unreachable;
        return tier(usable, 0, usable);
    }

    /**
     * Who awaits the first check is not a part of the tier yet: a tier that has just grown is not half down. If nobody else
     * is there, the tier is down.
     */
    private PriorityLoad.Tier tier(long healthyPart, long degradedPart, long usable) {
        return total > 0
                ? new PriorityLoad.Tier(total, healthyPart, degradedPart, serving, usable)
                : new PriorityLoad.Tier(awaited, 0, 0, awaited, 0);
    }

    long good() {
        return healthy + degraded;
    }

    /** How much of the good could be lost before less than this share of what serves is good. */
    long spare(int percent) {
        return good() - (serving * percent + 99) / 100;
    }
}
