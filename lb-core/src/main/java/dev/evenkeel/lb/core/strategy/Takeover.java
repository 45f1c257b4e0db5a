package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries what a picker keeps for each candidate, in the order of the list, over to its successor: by runs, without a look at
 * the candidates that have not changed, which in a large pool is what a change costs.
 */
final class Takeover {
    private final int[] from;
    private final int[] to;
    private final int[] lengths;
    private int runs;
    /** Where in the new list the changed ones are that are in it; the first {@link #changed}. */
    private final int[] places;

    private int changed;

    private Takeover(int most) {
        from = new int[most + 1];
        to = new int[most + 1];
        lengths = new int[most + 1];
        places = new int[most];
    }

    /**
     * Compares two lists by the changes that lead from one to the other.
     *
     * @return null if the changes are not known, or are not those between the two
     */
    static @Nullable Takeover of(Candidate[] before, PickerContext context, Candidate[] after) {
        List<CandidateChange> changes = context.changes();
        if (changes == null) {
            return null;
        }
        Takeover takeover = new Takeover(changes.size());
        int old = 0;
        int now = 0;
        for (CandidateChange change : changes) {
            int length = change.joins()
                    ? distance(after, now, change.candidate())
                    : distance(before, old, change.candidate());
            if (length < 0 || old + length > before.length || now + length > after.length) {
                return null;
            }
            takeover.run(old, now, length);
            old += length;
            now += length;
            if (!change.joins()) {
                old++;
            }
            if (!change.leaves()) {
                takeover.places[takeover.changed++] = now++;
            }
        }
        if (before.length - old != after.length - now) {
            return null;
        }
        takeover.run(old, now, before.length - old);
        return takeover;
    }

    @SuppressWarnings("ReferenceEquality") // A look into each of them is what is avoided.
    private static int distance(Candidate[] candidates, int start, Candidate wanted) {
        for (int i = start; i < candidates.length; i++) {
            if (candidates[i] == wanted) {
                return i - start;
            }
        }
        return -1;
    }

    private void run(int old, int now, int length) {
        from[runs] = old;
        to[runs] = now;
        lengths[runs++] = length;
    }

    /** Copies what is kept of the unchanged ones, in two arrays of the same type. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays, by the callers
    void copy(Object before, Object after) {
        for (int i = 0; i < runs; i++) {
            System.arraycopy(before, from[i], after, to[i], lengths[i]);
        }
    }

    /** How many of the new list have to be looked at. */
    int changed() {
        return changed;
    }

    /** Where one of these is. */
    int place(int index) {
        return places[index];
    }
}
