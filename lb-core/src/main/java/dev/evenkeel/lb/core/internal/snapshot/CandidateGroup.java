package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendWeights;
import dev.evenkeel.lb.spi.Picker;
import org.jspecify.annotations.Nullable;

/** Backends that compete for the same calls, and the picker made for exactly these with exactly these weights. */
public final class CandidateGroup {
    public final BackendList nodes;
    public final Picker picker;
    final BackendWeights weights;

    CandidateGroup(BackendList nodes, BackendWeights weights, Picker picker) {
        this.nodes = nodes;
        this.weights = weights;
        this.picker = picker;
    }

    boolean isSame(BackendList otherNodes, BackendWeights otherWeights) {
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
