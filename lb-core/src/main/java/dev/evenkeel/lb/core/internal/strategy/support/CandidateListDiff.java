package dev.evenkeel.lb.core.internal.strategy.support;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Carries what a picker keeps for each candidate, in the order of the list, over to its successor: by runs, without a look at
 * the candidates that have not changed, which in a large pool is what a change costs.
 */
public final class CandidateListDiff {
    private final int[] from;
    private final int[] to;
    private final int[] lengths;
    private final int runs;
    private final int[] changed;
    /** Where in the old list each of these was. */
    private final int[] origins;

    private final boolean known;

    private CandidateListDiff(Builder builder) {
        from = builder.from;
        to = builder.to;
        lengths = builder.lengths;
        runs = builder.runs;
        changed = Arrays.copyOf(builder.changed, builder.changes);
        origins = builder.origins;
        known = true;
    }

    private CandidateListDiff(int size) {
        from = new int[0];
        to = from;
        lengths = from;
        runs = 0;
        changed = IntStream.range(0, size).toArray();
        origins = from;
        known = false;
    }

    /**
     * Compares two lists by the changes that lead from one to the other. Where these are not known, or are not those between
     * the two, all have changed.
     *
     * @param before null if there is no predecessor
     */
    public static CandidateListDiff of(Candidate @Nullable [] before, PickerContext context, Candidate[] after) {
        return of(before, context.changes(), after);
    }

    public static CandidateListDiff of(Candidate @Nullable [] before, @Nullable List<CandidateChange> changes, Candidate[] after) {
        if (before != null && changes != null) {
            Builder builder = new Builder(changes.size());
            if (builder.compare(before, changes, after)) {
                return new CandidateListDiff(builder);
            }
        }
        return none(after);
    }

    /** Takes nothing over. */
    public static CandidateListDiff none(Candidate[] after) {
        return new CandidateListDiff(after.length);
    }

    /** Copies what is kept of the unchanged ones, in two arrays of the same type. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays, by the callers
    public void copy(Object before, Object after) {
        for (int i = 0; i < runs; i++) {
            System.arraycopy(before, from[i], after, to[i], lengths[i]);
        }
    }

    /**
     * What so many candidates weigh, where only the changed ones are asked.
     *
     * @param weight by the candidate's place
     */
    public Weights weights(@Nullable Weights before, int size, IntToDoubleFunction weight) {
        if (before != null && known && before.areEven() && areAll(before.get(0), weight)) {
            return Weights.even(size, before.get(0));
        }
        double[] weights = new double[size];
        for (int i = 0; i < runs && before != null; i++) {
            before.copy(from[i], weights, to[i], lengths[i]);
        }
        for (int i : changed) {
            weights[i] = weight.applyAsDouble(i);
        }
        return Weights.of(weights);
    }

    private boolean areAll(double wanted, IntToDoubleFunction weight) {
        for (int i : changed) {
            if (weight.applyAsDouble(i) != wanted) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is known what has changed. */
    public boolean isKnown() {
        return known;
    }

    /** Whether that is so, and the unchanged ones have the same numbers in both arrays. */
    public boolean keeps(Weights before, Weights after) {
        boolean same = known;
        for (int i = 0; i < runs && same; i++) {
            same = before.isSame(from[i], lengths[i], after, to[i]);
        }
        return same;
    }

    /** Where those of the new list are that have to be looked at. */
    public int[] changed() {
        return changed;
    }

    /** Where the k-th of these was in the old list; -1 if it has joined. Only where the changes are known. */
    public int origin(int k) {
        return origins[k];
    }

    /** Where one of the old list is in the new one, or the first unchanged one after it. */
    public int move(int index) {
        for (int run = 0; run < runs; run++) {
            if (lengths[run] > 0 && index < from[run] + lengths[run]) {
                return to[run] + Math.max(0, index - from[run]);
            }
        }
        return 0;
    }

    /** Where each of the old list is in the new one; -1 for those that have gone or changed. */
    public int[] moves(int size) {
        int[] moves = new int[size];
        Arrays.fill(moves, -1);
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < lengths[run]; i++) {
                moves[from[run] + i] = to[run] + i;
            }
        }
        return moves;
    }

    private static final class Builder {
        private final int[] from;
        private final int[] to;
        private final int[] lengths;
        private int runs;
        private final int[] changed;
        private final int[] origins;
        private int changes;

        Builder(int most) {
            from = new int[most + 1];
            to = new int[most + 1];
            lengths = new int[most + 1];
            changed = new int[most];
            origins = new int[most];
        }

        boolean compare(Candidate[] before, List<CandidateChange> differences, Candidate[] after) {
            int old = 0;
            int now = 0;
            for (CandidateChange change : differences) {
                int length = change.joins()
                        ? distance(after, now, change.candidate())
                        : distance(before, old, change.candidate());
                if (length < 0 || old + length > before.length || now + length > after.length) {
                    return false;
                }
                run(old, now, length);
                old += length;
                now += length;
                if (!change.leaves()) {
                    origins[changes] = change.joins() ? -1 : old;
                    changed[changes++] = now++;
                }
                if (!change.joins()) {
                    old++;
                }
            }
            if (before.length - old != after.length - now) {
                return false;
            }
            run(old, now, before.length - old);
            return true;
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
    }
}
