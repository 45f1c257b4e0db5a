package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.spi.Picker;
import org.jspecify.annotations.Nullable;

/** Backends that compete for the same calls, and the picker made for exactly these with exactly these weights. */
final class Group {
    final Members nodes;
    final Picker picker;
    final MemberWeights weights;

    Group(Members nodes, MemberWeights weights, Picker picker) {
        this.nodes = nodes;
        this.weights = weights;
        this.picker = picker;
    }

    boolean isSame(Members otherNodes, MemberWeights otherWeights) {
        return nodes.equals(otherNodes) && weights.isSame(otherWeights, nodes.size());
    }

    /**
     * What stays the same when the members change, so that a rotation goes on where it was.
     *
     * @param zone empty if the group is not of one zone alone
     * @param subset null if the group is of the whole pool
     */
    record Key(
            int priority,
            boolean degraded,
            String zone,
            @Nullable Subset subset) {}
}
