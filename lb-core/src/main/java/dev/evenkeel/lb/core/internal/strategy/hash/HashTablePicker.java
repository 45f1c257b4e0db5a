package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Picks the owner of a key by a {@link KeyPlacement}, or the next candidate in the placement's order.
 *
 * <p>When ids or configured weights change in a large pool, the last placement is used until a new one has been laid out,
 * outside of the pool's lock ({@link LaterLayouts}): a key of a candidate that has left goes on to the next one.
 */
public final class HashTablePicker extends AffinityPicker {
    /** After so many steps it is cheaper to look at all candidates. */
    private static final int MAX_PLACES = 64;

    /** Up to so many candidates, those of the smallest Maglev table, are laid out at once if the layout is quick. */
    static final int LAID_OUT_AT_ONCE = 655;

    private final KeyPlacement.Layout layout;
    private final HashWeights weights;
    private final LaterLayouts layouts;
    /** Higher than that of each picker before. */
    private final long number;

    private volatile Placed placed;

    /** A placement and whose it is. */
    static final class Laid {
        final KeyPlacement placement;
        /** Whom it was laid out for, by id. */
        final Candidate[] owners;
        /** By which it was laid out. */
        final Weights weights;
        /** Of the picker that it was laid out for. */
        final long number;

        Laid(KeyPlacement placement, Candidate[] owners, Weights weights, long number) {
            this.placement = placement;
            this.owners = owners;
            this.weights = weights;
            this.number = number;
        }
    }

    /** A placement as one picker uses it. */
    private static final class Placed {
        final KeyPlacement placement;
        final Laid laid;
        /** Where the owners are among the picker's candidates, -1 if they are not; null if they are the same. */
        private final int @Nullable [] positions;

        Placed(Laid laid, int @Nullable [] positions) {
            this.placement = laid.placement;
            this.laid = laid;
            this.positions = positions;
        }

        /** The owner of a place, as an index of the picker's candidates; -1 if it has left. */
        int owner(long place) {
            int owner = placement.owner(place);
            return positions == null ? owner : positions[owner];
        }
    }

    /** Keeps the placement of the predecessor unless ids or configured weights have changed. */
    public HashTablePicker(PickerContext context, KeyPlacement.Layout layout, double loadFactor) {
        this(context, layout, loadFactor, predecessor(context, layout));
    }

    private HashTablePicker(
            PickerContext context, KeyPlacement.Layout layout, double loadFactor, @Nullable HashTablePicker before) {
        this(
                context,
                SortedCandidates.of(context, before == null ? null : before.candidates),
                layout,
                loadFactor,
                before);
    }

    private HashTablePicker(
            PickerContext context,
            SortedCandidates sorted,
            KeyPlacement.Layout layout,
            double loadFactor,
            @Nullable HashTablePicker before) {
        super(context, sorted, loadFactor);
        this.layout = layout;
        weights = HashWeights.of(candidates, before == null ? null : before.weights, sorted.takeover());
        layouts = before == null ? new LaterLayouts() : before.layouts;
        number = layouts.nextNumber();
        Laid last = layouts.last();
        Placed first = last == null ? null : placed(last);
        placed = first == null || (first.laid.number != number && isQuick()) ? new Placed(layOut(), null) : first;
        layouts.follow(this);
        if (!isLaidOut()) {
            context.afterPublication(layouts);
        }
    }

    private boolean isQuick() {
        return candidates.length <= LAID_OUT_AT_ONCE && layout.isQuick(weights.base);
    }

    private static @Nullable HashTablePicker predecessor(PickerContext context, KeyPlacement.Layout layout) {
        return context.predecessor() instanceof HashTablePicker before && before.layout.equals(layout) ? before : null;
    }

    /** A placement as this picker uses it; its own if it was laid out for the same ids and weights. */
    private Placed placed(Laid last) {
        int[] positions = SortedCandidates.positions(last.owners, candidates);
        return positions == null && last.weights.isSame(weights.base)
                ? new Placed(new Laid(last.placement, candidates, weights.base, number), null)
                : new Placed(last, positions);
    }

    /** Lays out the placement of these candidates. */
    Laid layOut() {
        String[] ids = Arrays.stream(candidates)
                .map(candidate -> candidate.backend().id())
                .toArray(String[]::new);
        return new Laid(layout.place(ids, weights.base), candidates, weights.base, number);
    }

    /** Goes on with a placement that was laid out for this picker, or for another one before it. */
    void use(Laid last) {
        placed = placed(last);
    }

    /** The placement that is used now. */
    Laid laid() {
        return placed.laid;
    }

    /** Whether the placement that is used now is that of these candidates and weights. */
    boolean isLaidOut() {
        return placed.laid.number == number;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long hash) {
        Placed known = placed;
        long place = known.placement.locate(hash);
        for (int step = 0; step < MAX_PLACES; step++) {
            int owner = known.owner(place);
            if (owner >= 0 && weights.admits(owner, hash + step) && request.accepts(candidates[owner])) {
                LoadBound limit = bound;
                return limit == null || candidates[owner].inFlight() == 0
                        ? candidates[owner]
                        : pickWithRoom(request, hash, known, place, step, limit);
            }
            place = known.placement.next(place);
        }
        return bound == null
                ? pickFromAll(request, hash)
                : pickWithRoom(request, hash, known, place, MAX_PLACES, bound);
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
    private @Nullable Candidate pickWithRoom(
            PickRequest request, long hash, Placed known, long from, int steps, LoadBound limit) {
        long accepted = limit.accepted(request);
        double all = limit.allSlots(accepted);
        long place = from;
        for (int i = 0; i < MAX_PLACES; i++) {
            int owner = known.owner(place);
            if (owner >= 0
                    && weights.admits(owner, hash + steps + i)
                    && request.accepts(candidates[owner])
                    && limit.hasRoom(owner, accepted, all)) {
                return candidates[owner];
            }
            place = known.placement.next(place);
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
        return placed.placement;
    }
}
