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
 * Copies a picker's per-candidate data, in the order of the list, to its successor. It copies runs, without reading the
 * unchanged candidates, which would be most of the cost of a change in a large pool.
 */
public final class CandidateListDiff {
    private final int[] from;
    private final int[] to;
    private final int[] lengths;
    private final int runs;
    private final int[] changed;
    /** The index in the old list of each changed candidate. */
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
     * Compares two lists by the changes that lead from one to the other. If these are not known, or do not lead from
     * one to the other, all candidates count as changed.
     *
     * @param before null if there is no predecessor
     */
    public static CandidateListDiff of(Candidate @Nullable [] before, PickerContext context, Candidate[] after) {
        return of(before, context.changes(), after);
    }

    public static CandidateListDiff of(
            Candidate @Nullable [] before, @Nullable List<CandidateChange> changes, Candidate[] after) {
        if (before != null && changes != null) {
            Builder builder = new Builder(changes.size());
            if (builder.compare(before, changes, after)) {
                return new CandidateListDiff(builder);
            }
        }
        return none(after);
    }

    /** A difference in which all candidates are new. */
    public static CandidateListDiff none(Candidate[] after) {
        return new CandidateListDiff(after.length);
    }

    /** Copies the data of the unchanged candidates between two arrays of the same type. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays, by the callers
    public void copy(Object before, Object after) {
        for (int i = 0; i < runs; i++) {
            System.arraycopy(before, from[i], after, to[i], lengths[i]);
        }
    }

    /**
     * The weights of {@code size} candidates, where only the changed ones are calculated.
     *
     * @param weight by the candidate's index
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

    /** Whether the changes are known. */
    public boolean isKnown() {
        return known;
    }

    /** True if the changes are known and unchanged candidates have equal weights. */
    public boolean keeps(Weights before, Weights after) {
        boolean same = known;
        for (int i = 0; i < runs && same; i++) {
            same = before.isSame(from[i], lengths[i], after, to[i]);
        }
        return same;
    }

    /** The indexes, in the new list, of the changed candidates. */
    public int[] changed() {
        return changed;
    }

    /** The index in the old list of the k-th changed candidate; -1 if it has joined. Only if the changes are known. */
    public int origin(int k) {
        return origins[k];
    }

    /** The index in the new list of an old index, or of the first unchanged candidate after it. */
    public int move(int index) {
        for (int run = 0; run < runs; run++) {
            if (lengths[run] > 0 && index < from[run] + lengths[run]) {
                return to[run] + Math.max(0, index - from[run]);
            }
        }
        return 0;
    }

    /** The index in the new list of each old index; -1 for candidates that have left or changed. */
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

        @SuppressWarnings("ReferenceEquality") // Searches by reference, without loading each candidate.
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
