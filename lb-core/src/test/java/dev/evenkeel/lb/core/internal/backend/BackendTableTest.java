package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hash table of our own has to be what a map is, and for readers without a lock, too. */
class BackendTableTest {
    private final PoolStats stats = new PoolStats();
    private final BackendTable directory = new BackendTable();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void comingsAndGoings_leaveWhatAMapHolds(long seed) {
        Random random = new Random(seed);
        Map<String, BackendState> expected = new LinkedHashMap<>();
        for (int step = 0; step < 20_000; step++) {
            // Few names, so that the same come back; the pool grows, and then nearly empties.
            String id = "b" + random.nextInt(600);
            boolean grows = step / 2_500 % 2 == 0;
            BackendState present = expected.get(id);
            assertThat(directory.get(id)).isSameAs(present);
            if (present == null && (grows || random.nextInt(4) == 0)) {
                BackendState node = node(id);
                directory.put(node);
                expected.put(id, node);
            } else if (present != null && (!grows || random.nextInt(4) == 0)) {
                directory.remove(present);
                expected.remove(id);
            }
            assertThat(directory.size()).isEqualTo(expected.size());
        }
        assertThat(directory.values()).containsExactlyElementsOf(expected.values());
        for (int i = 0; i < 600; i++) {
            assertThat(directory.get("b" + i)).isSameAs(expected.get("b" + i));
        }
    }

    @Test
    void idsOfOneHash_areToldApart() {
        // Each pair of "Aa" and "BB" has the hash of any other.
        List<BackendState> nodes = IntStream.range(0, 64)
                .mapToObj(i ->
                        node(Integer.toBinaryString(64 + i).replace("0", "Aa").replace("1", "BB")))
                .toList();
        nodes.forEach(directory::put);
        assertThat(nodes.stream().map(node -> node.backend().id().hashCode()).distinct())
                .hasSize(1);
        nodes.stream().limit(32).forEach(directory::remove);
        for (int i = 0; i < 64; i++) {
            BackendState node = nodes.get(i);
            assertThat(directory.get(node.backend().id())).isSameAs(i < 32 ? null : node);
        }
    }

    @Test
    void backendThatComesAndGoes_leavesOneMark() {
        for (int i = 0; i < 9; i++) {
            directory.put(node("stays" + i));
        }
        for (int i = 0; i < 10_000; i++) {
            BackendState flapping = node("flaps");
            directory.put(flapping);
            directory.remove(flapping);
            assertThat(directory.filled).isEqualTo(10);
        }
    }

    /** A third is free, so that a search is short; and there is not much more than that. */
    @Test
    void table_growsWithItsBackends() {
        for (int i = 1; i <= 5_000; i++) {
            directory.put(node("b" + i));
            assertThat(directory.filled).isEqualTo(i).isLessThanOrEqualTo(directory.slots() * 2 / 3);
            assertThat(directory.slots()).isLessThanOrEqualTo(Math.max(BackendTable.MIN_SLOTS, i * 32 / 10));
        }
    }

    @Test
    void tableWhoseBackendsLeave_shrinks_andStillFindsTheRest() {
        List<BackendState> nodes =
                IntStream.range(0, 1_000).mapToObj(i -> node("b" + i)).toList();
        nodes.forEach(directory::put);
        for (int left = nodes.size() - 1; left >= 0; left--) {
            directory.remove(nodes.get(left));
            if (left >= 128) {
                assertThat(directory.filled).as("not rebuilt for %d", left).isEqualTo(nodes.size());
            }
            assertThat(directory.slots())
                    .as("slots for %d", left)
                    .isBetween(
                            Math.max(BackendTable.MIN_SLOTS, left * 3 / 2),
                            Math.max(
                                    BackendTable.MIN_SLOTS,
                                    Math.min(2_048, left * BackendTable.MAX_SLOTS_PER_BACKEND)));
            if (left > 0) {
                assertThat(directory.get("b" + (left - 1))).isSameAs(nodes.get(left - 1));
            }
            assertThat(directory.get("b" + left)).isNull();
        }
        BackendState next = node("next");
        directory.put(next);
        assertThat(directory.values()).containsExactly(next);
    }

    /** Marks count as filled slots, and a table that is rebuilt has none. */
    @Test
    void tableOfMarks_isRebuiltInItsOldSize() {
        for (int i = 0; i < 10_000; i++) {
            BackendState passing = node("passes" + i);
            directory.put(passing);
            directory.remove(passing);
            assertThat(directory.slots()).isEqualTo(BackendTable.MIN_SLOTS);
        }
        assertThat(directory.filled).isLessThanOrEqualTo(BackendTable.MIN_SLOTS * 2 / 3);
    }

    /** Of random places in four fifths as many slots, 1 - exp(-0.8) = 0.55 of the slots are one: 0.69 of the ids. */
    @Test
    void idsOfOneFleet_beginAtDifferentPlaces() {
        int slots = 16_384;
        for (String form : List.of("b%d", "10.1.%3$d.%2$d:8080", "http://10.0.%3$d.%2$d:443", "node-%05d.rack")) {
            long places = IntStream.range(0, slots * 4 / 5)
                    .map(i -> BackendTable.place(String.format(form, i, i % 256, i / 256), slots))
                    .distinct()
                    .count();
            assertThat(places).as(form).isGreaterThan(slots / 2);
        }
    }

    @Test
    void readers_findWhoStays_whileOthersComeAndGo() {
        List<BackendState> staying =
                IntStream.range(0, 40).mapToObj(i -> node("stays" + i)).toList();
        staying.forEach(directory::put);
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int reader = 0; reader < 2; reader++) {
            readers.add(CompletableFuture.supplyAsync(() -> {
                long found = 0;
                while (!over.get() || found == 0) {
                    for (BackendState node : staying) {
                        if (directory.get(node.backend().id()) != node) {
                            throw new AssertionError("lost " + node);
                        }
                        found++;
                    }
                }
                return found;
            }));
        }
        Random random = new Random(5);
        List<BackendState> passing = new ArrayList<>();
        for (int step = 0; step < 200_000; step++) {
            if (passing.size() < 200 && random.nextInt(100) < 52) {
                BackendState node = node("passes" + step);
                directory.put(node);
                passing.add(node);
            } else if (!passing.isEmpty()) {
                directory.remove(passing.remove(random.nextInt(passing.size())));
            }
        }
        over.set(true);
        readers.forEach(reader -> assertThat(reader.join()).isPositive());
    }

    private BackendState node(String id) {
        return new BackendState(Backend.builder("http://b.test").id(id).build(), stats);
    }
}
