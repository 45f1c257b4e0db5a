package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ascending lists of positions as one. */
class PathIndexPositionsTest {
    @Test
    void lists_areMerged_andEachPositionComesOnce() {
        PathIndex.PositionMerger merger = new PathIndex.PositionMerger();
        merger.add(new int[] {1, 4, 9});
        merger.add(new int[] {});
        merger.add(new int[] {0, 4, 5});
        List<Integer> merged = new ArrayList<>();
        for (int next = merger.next(); next >= 0; next = merger.next()) {
            merged.add(next);
        }

        assertThat(merged).containsExactly(0, 1, 4, 5, 9);
        assertThat(merger.next()).isEqualTo(-1);
    }
}
