package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Picks the owner of a key by a {@link KeyPlacement}, or the next candidate in the placement's order. */
public final class HashTablePicker extends AffinityPicker {
    /** After so many steps it is cheaper to look at all candidates. */
    private static final int MAX_PLACES = 64;

    private final KeyPlacement.Layout layout;
    private final String[] ids;
    private final HashWeights weights;
    private final KeyPlacement placement;

    /** Keeps the placement of the predecessor unless ids or configured weights have changed. */
    public HashTablePicker(PickerContext context, KeyPlacement.Layout layout, double loadFactor) {
        super(context, loadFactor);
        this.layout = layout;
        this.ids = Arrays.stream(candidates)
                .map(candidate -> candidate.backend().id())
                .toArray(String[]::new);
        this.weights = HashWeights.of(candidates, null, CandidateListDiff.none(candidates));
        this.placement = context.predecessor() instanceof HashTablePicker before
                        && before.layout.equals(layout)
                        && Arrays.equals(before.ids, ids)
                        && before.weights.base.isSame(weights.base)
                ? before.placement
                : layout.place(ids, weights.base);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long hash) {
        long place = placement.locate(hash);
        for (int step = 0; step < MAX_PLACES; step++) {
            int owner = placement.owner(place);
            if (weights.admits(owner, hash + step) && request.accepts(candidates[owner])) {
                LoadBound limit = bound;
                return limit == null || candidates[owner].inFlight() == 0
                        ? candidates[owner]
                        : pickWithRoom(request, hash, place, step, limit);
            }
            place = placement.next(place);
        }
        return bound == null ? pickFromAll(request, hash) : pickWithRoom(request, hash, place, MAX_PLACES, bound);
    }

    /** Looks at all candidates from the key's position on. */
    private @Nullable Candidate pickFromAll(PickRequest request, long hash) {
        int n = candidates.length;
        int start = start(hash);
        for (int i = 0; i < n; i++) {
            Candidate candidate = candidates[start + i < n ? start + i : start + i - n];
            if (request.accepts(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /**
     * The next candidate below its bound; if all are at their bound, the least loaded one.
     *
     * @param from the place to begin at
     * @param steps how many steps it is from the key's place
     */
    private @Nullable Candidate pickWithRoom(PickRequest request, long hash, long from, int steps, LoadBound limit) {
        long accepted = limit.accepted(request);
        double all = limit.allSlots(accepted);
        long place = from;
        for (int i = 0; i < MAX_PLACES; i++) {
            int owner = placement.owner(place);
            if (weights.admits(owner, hash + steps + i)
                    && request.accepts(candidates[owner])
                    && limit.hasRoom(owner, accepted, all)) {
                return candidates[owner];
            }
            place = placement.next(place);
        }
        int n = candidates.length;
        int start = start(hash);
        for (int i = 0; i < n; i++) {
            int index = start + i < n ? start + i : start + i - n;
            if (request.accepts(candidates[index]) && limit.hasRoom(index, accepted, all)) {
                return candidates[index];
            }
        }
        return limit.leastLoaded(request, start);
    }

    public KeyPlacement placement() {
        return placement;
    }
}
