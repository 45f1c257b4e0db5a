package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Candidates in the order of their ids, so that the order of the pool's list does not matter. Where the changes are known,
 * only these are looked up: to sort 10,000 candidates takes some milliseconds.
 */
final class SortedCandidates {

    private static final Comparator<Candidate> BY_ID =
            Comparator.comparing(candidate -> candidate.backend().id());

    private final Candidate[] candidates;
    private final CandidateListDiff takeover;

    private SortedCandidates(Candidate[] candidates, CandidateListDiff takeover) {
        this.candidates = candidates;
        this.takeover = takeover;
    }

    Candidate[] candidates() {
        return candidates;
    }

    /** From the predecessor's candidates. */
    CandidateListDiff takeover() {
        return takeover;
    }

    /**
     * Sorts.
     *
     * @param before the predecessor's, sorted; null without a predecessor
     */
    static SortedCandidates of(PickerContext context, Candidate @Nullable [] before) {
        List<CandidateChange> changes = context.changes();
        if (before != null && changes != null) {
            List<CandidateChange> byId = changes.stream()
                    .sorted(Comparator.comparing(CandidateChange::candidate, BY_ID))
                    .toList();
            Candidate[] merged = merged(before, byId, context.candidates().size());
            if (merged != null) {
                return new SortedCandidates(merged, CandidateListDiff.of(before, byId, merged));
            }
        }
        Candidate[] all = context.candidates().toArray(Candidate[]::new);
        Arrays.sort(all, BY_ID);
        return new SortedCandidates(all, CandidateListDiff.none(all));
    }

    /** The candidates after changes; null if these do not lead to so many. */
    private static Candidate @Nullable [] merged(Candidate[] before, List<CandidateChange> byId, int size) {
        Candidate[] merged = new Candidate[size];
        int from = 0;
        int to = 0;
        for (CandidateChange change : byId) {
            if (change.joins() || change.leaves()) {
                int found = Arrays.binarySearch(before, change.candidate(), BY_ID);
                int unchanged = Math.max(0, (found < 0 ? -found - 1 : found) - from);
                if (to + unchanged + (change.joins() ? 1 : 0) > size) {
                    return null;
                }
                System.arraycopy(before, from, merged, to, unchanged);
                from += unchanged;
                to += unchanged;
                if (change.joins()) {
                    merged[to++] = change.candidate();
                } else {
                    from++;
                }
            }
        }
        if (from > before.length || before.length - from != size - to) {
            return null;
        }
        System.arraycopy(before, from, merged, to, size - to);
        return merged;
    }

    /**
     * Where candidates are found among others.
     *
     * @param of sorted
     * @param among sorted
     * @return the index of the one with the same id; -1 if there is none. Null if both have the same ids
     */
    static int @Nullable [] positions(Candidate[] of, Candidate[] among) {
        int[] positions = new int[of.length];
        boolean same = of.length == among.length;
        int next = 0;
        for (int i = 0; i < of.length; i++) {
            int order = -1;
            while (next < among.length && (order = compare(among[next], of[i])) < 0) {
                next++;
            }
            positions[i] = order == 0 && next < among.length ? next++ : -1;
            same &= positions[i] == i;
        }
        return same ? null : positions;
    }

    @SuppressWarnings("ReferenceEquality") // Most are the same object, which need not be read.
    private static int compare(Candidate one, Candidate other) {
        return one == other ? 0 : BY_ID.compare(one, other);
    }
}
