package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Picks by the request's affinity key. Requests without one are distributed by weight. */
public abstract class AffinityPicker implements Picker {
    /** 2^64 divided by the golden ratio: it spreads similar keys over distant numbers. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** Sorted by id, so that the order of the pool's list does not matter. */
    final Candidate[] candidates;

    final @Nullable LoadBound bound;
    private final WeightedRotation keyless;

    AffinityPicker(PickerContext context, SortedCandidates sorted, double loadFactor) {
        AffinityPicker before = context.predecessor() instanceof AffinityPicker keyed ? keyed : null;
        candidates = sorted.candidates();
        keyless = WeightedRotation.of(context, before == null ? null : before.keyless, Candidate::weight);
        bound = loadFactor == 0 ? null : LoadBound.of(loadFactor, candidates);
    }

    @Override
    public final @Nullable Candidate pick(PickRequest request) {
        String key = request.affinityKey();
        return key == null || key.isEmpty() ? keyless.pick(request) : pick(request, hash(key));
    }

    /**
     * The cached hash of a string, spread over 64 bits. Strings that collide share a backend, which does no harm: of a
     * million keys about a hundred and twenty collide in 4 billion values.
     */
    static long hash(String key) {
        return XxHash64.mix(key.hashCode() * SPREAD);
    }

    public abstract @Nullable Candidate pick(PickRequest request, long hash);

    /** The candidate at which a search through all of them begins for a hash. */
    final int start(long hash) {
        return (int) (((hash >>> 32) * candidates.length) >>> 32);
    }

    @Override
    public final String explain(Candidate candidate, long nowNanos) {
        int index = Arrays.asList(candidates).indexOf(candidate);
        if (bound == null || index < 0) {
            return "";
        }
        long accepted = bound.accepted(null);
        int slots = bound.slots(index, accepted, bound.allSlots(accepted));
        return candidate.inFlight() + " in flight of " + slots + " slots";
    }
}
