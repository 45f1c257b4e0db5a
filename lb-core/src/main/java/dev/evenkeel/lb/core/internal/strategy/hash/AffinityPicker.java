package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Picks by the request's affinity key. Requests without one are distributed by weight. */
public abstract class AffinityPicker implements Picker {
    /** 2^64 divided by the golden ratio: it spreads similar keys over distant numbers. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** Sorted by id, so that the order of the pool's list does not matter. */
    final Candidate[] candidates;

    final @Nullable LoadBound bound;
    private final WeightedRotation keyless;

    AffinityPicker(PickerContext context, double loadFactor) {
        AffinityPicker before = context.predecessor() instanceof AffinityPicker keyed ? keyed : null;
        candidates = context.candidates().toArray(Candidate[]::new);
        Arrays.sort(
                candidates,
                Comparator.comparing(candidate -> candidate.backend().id()));
        keyless = WeightedRotation.of(context, before == null ? null : before.keyless, Candidate::weight);
        bound = loadFactor == 0 ? null : LoadBound.of(loadFactor, candidates, before == null ? null : before.bound);
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

    final boolean hasRoom(int index) {
        return bound == null || bound.hasRoom(index, candidates[index]);
    }

    @Override
    public final void started(Candidate candidate, long nowNanos) {
        if (bound != null) {
            bound.started();
        }
    }

    @Override
    public final void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
        if (bound != null) {
            bound.completed();
        }
    }

    @Override
    public final String explain(Candidate candidate, long nowNanos) {
        if (bound == null) {
            return "";
        }
        int index = Arrays.asList(candidates).indexOf(candidate);
        return index < 0 ? "" : candidate.inFlight() + " in flight of " + bound.slots(index) + " slots";
    }
}
