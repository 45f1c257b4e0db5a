package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendTable;
import dev.evenkeel.lb.core.internal.backend.BackendWeights;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An amended list is what a list built anew would be, and says which entries changed. */
class ListPatchTest {
    private static final int POOL = 12;

    private final List<BackendState> pool = new ArrayList<>();

    @BeforeEach
    void joinPool() {
        PoolStats stats = new PoolStats();
        BackendTable table = new BackendTable();
        IntStream.range(0, POOL)
                .mapToObj(i -> new BackendState(
                        Backend.builder("http://b.test").id("b" + i).build(), stats))
                .forEach(node -> {
                    table.put(node);
                    pool.add(node);
                });
    }

    private BackendList list(List<BackendState> nodes) {
        return BackendList.copyOf(nodes);
    }

    private static void weigh(BackendState node, double weight) {
        node.ramp(weight, Integer.MAX_VALUE, 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void patch_isTheListBuiltAnew(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            pool.forEach(node -> weigh(node, 1 + random.nextInt(random.nextInt(3) + 1)));
            List<BackendState> before = some(random);
            BackendWeights weightsBefore = BackendWeights.of(before);
            double[] former = before.stream().mapToDouble(BackendState::weight).toArray();
            List<BackendState> touched = some(random);
            touched.forEach(node -> weigh(node, 1 + random.nextInt(2)));
            List<BackendState> present =
                    touched.stream().filter(node -> random.nextBoolean()).toList();
            List<BackendState> after = pool.stream()
                    .filter(node -> present.contains(node) || (before.contains(node) && !touched.contains(node)))
                    .toList();

            ListPatch patch = new ListPatch(list(before), touched, present);

            assertThat(patch.size()).isEqualTo(after.size());
            assertThat(patch.members()).containsExactlyElementsOf(after);
            if (!after.isEmpty()) {
                BackendWeights weights = patch.weights(weightsBefore);
                for (int i = 0; i < after.size(); i++) {
                    assertThat(weights.get(i)).isEqualTo(after.get(i).weight());
                }
            }
            List<CandidateChange> changes = new ArrayList<>();
            for (BackendState node : touched) {
                int place = before.indexOf(node);
                double was = place < 0 ? 0 : former[place];
                double is = present.contains(node) ? node.weight() : 0;
                if (was != is) {
                    changes.add(new CandidateChange(node, was, is));
                }
            }
            assertThat(patch.changes(weightsBefore)).isEqualTo(changes);
        }
    }

    /** In the order of joining. */
    private List<BackendState> some(Random random) {
        int percent = random.nextInt(101);
        return pool.stream().filter(node -> random.nextInt(100) < percent).toList();
    }

    @Test
    void sameMembers_shareTheList() {
        BackendList before = list(pool);

        ListPatch patch = new ListPatch(before, pool.subList(2, 4), pool.subList(2, 4));

        assertThat(patch.members()).isSameAs(before);
    }

    @Test
    void sameWeights_areShared() {
        BackendWeights before = BackendWeights.of(pool);

        ListPatch patch = new ListPatch(list(pool), pool.subList(2, 4), pool.subList(2, 3));

        assertThat(patch.weights(before)).isSameAs(before);
    }
}
