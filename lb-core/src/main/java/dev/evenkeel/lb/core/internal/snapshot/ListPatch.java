package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendWeights;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.ArrayList;
import java.util.List;

/**
 * Copy of a group's list with a few entries inserted, removed or replaced; the unchanged runs between them are copied
 * as arrays.
 *
 * <p>Costs O(k log n) for k touched backends, and the copies.
 */
final class ListPatch {
    private final BackendList before;
    private final List<BackendState> touched;
    private final List<BackendState> present;
    private final int[] places;
    private final boolean[] was;
    private final boolean[] is;
    private final int size;
    private final boolean sameMembers;

    /**
     * Finds the differences.
     *
     * @param touched the backends that may have been added, removed or changed, in order
     * @param present the touched backends that belong to the list now, in the same order
     */
    ListPatch(BackendList before, List<BackendState> touched, List<BackendState> present) {
        this.before = before;
        this.touched = touched;
        this.present = present;
        int count = touched.size();
        this.places = new int[count];
        this.was = new boolean[count];
        this.is = new boolean[count];
        int length = before.size();
        boolean same = true;
        int next = 0;
        for (int i = 0; i < count; i++) {
            BackendState node = touched.get(i);
            int found = before.find(node);
            was[i] = found >= 0;
            is[i] = next < present.size() && present.get(next) == node;
            next += is[i] ? 1 : 0;
            places[i] = was[i] ? found : -found - 1;
            length += (is[i] ? 1 : 0) - (was[i] ? 1 : 0);
            same &= was[i] == is[i];
        }
        this.size = length;
        this.sameMembers = same;
    }

    /** The size of the new list. */
    int size() {
        return size;
    }

    /** The new list. */
    BackendList members() {
        if (sameMembers) {
            return before;
        }
        BackendState[] after = new BackendState[size];
        copy((from, to, length) -> before.copy(from, after, to, length), (i, place) -> after[place] = touched.get(i));
        return BackendList.of(after);
    }

    /** The weights of the new list, derived from the old ones. */
    BackendWeights weights(BackendWeights weightsBefore) {
        if (weightsBefore.areAlso(present)) {
            return weightsBefore;
        }
        double[] after = new double[size];
        copy(
                (from, to, length) -> weightsBefore.copy(from, after, to, length),
                (i, place) -> after[place] = touched.get(i).weight());
        return BackendWeights.ofEach(after);
    }

    private interface Run {
        void copy(int from, int to, int length);
    }

    private interface SlotWriter {
        void fill(int touched, int place);
    }

    private void copy(Run unchanged, SlotWriter changed) {
        int from = 0;
        int to = 0;
        for (int i = 0; i < places.length; i++) {
            int run = places[i] - from;
            unchanged.copy(from, to, run);
            from += was[i] ? run + 1 : run;
            to += run;
            if (is[i]) {
                changed.fill(i, to++);
            }
        }
        unchanged.copy(from, to, before.size() - from);
    }

    /** The differences, in order. */
    List<CandidateChange> changes(BackendWeights weightsBefore) {
        List<CandidateChange> changes = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            double former = was[i] ? weightsBefore.get(places[i]) : 0;
            double present = is[i] ? touched.get(i).weight() : 0;
            if (former != present) {
                changes.add(new CandidateChange(touched.get(i), former, present));
            }
        }
        return List.copyOf(changes);
    }
}
