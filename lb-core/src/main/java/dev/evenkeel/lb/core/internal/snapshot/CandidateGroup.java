package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendWeights;
import dev.evenkeel.lb.spi.Picker;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Backends that compete for the same calls, with the picker made for exactly these backends and weights. */
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
     * Identity of a group across changes of its members, so that the next picker continues the rotation.
     *
     * @param zone empty if the group is not limited to one zone
     * @param subset null if the group belongs to the whole pool
     */
    record Key(
            int priority,
            boolean degraded,
            String zone,
            @Nullable Subset subset) {
        /** Not the generated one, whose linkage the first call of a process would wait for. */
        @Override
        public int hashCode() {
            return (31 * zone.hashCode() + Objects.hashCode(subset)) * 31 + (degraded ? ~priority : priority);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key
                    && priority == key.priority
                    && degraded == key.degraded
                    && zone.equals(key.zone)
                    && Objects.equals(subset, key.subset);
        }
    }
}
