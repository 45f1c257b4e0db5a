package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyPlacementTest {

    @Test
    void maglev_weights_shareTheTableExactly() {
        int[] counts =
                counts(new Maglev.Table(0).place(ids(3), Weights.of(1, 2, 3)).table(), 3);
        assertThat(counts[0]).isBetween(10_922, 10_924);
        assertThat(counts[1]).isBetween(21_845, 21_847);
        assertThat(counts[2]).isBetween(32_767, 32_770);
    }

    @Test
    void maglev_hundredBackends_areAsEvenAsThePaperSays() {
        int[] counts = counts(new Maglev.Table(0).place(ids(100), equal(100)).table(), 100);
        assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThanOrEqualTo(656);
        assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThanOrEqualTo(655);
    }

    @Test
    void maglev_table_growsByDoublingWithTheBackends() {
        assertThat(Maglev.Table.sizeFor(1)).isEqualTo(65_537);
        assertThat(Maglev.Table.sizeFor(655)).isEqualTo(65_537);
        assertThat(Maglev.Table.sizeFor(656)).isEqualTo(131_101);
        assertThat(Maglev.Table.sizeFor(10_000)).isEqualTo(1_048_583);
        assertThat(Maglev.Table.sizeFor(100_000)).isEqualTo(Maglev.MAX_SIZE);
        assertThat(Maglev.Table.sizeFor(6_000_000)).isGreaterThan(6_000_000);
    }

    @Test
    void maglev_tableSmallerThanTheBackends_isEnlarged() {
        assertThat(Maglev.Table.ofSize(7).place(ids(7), equal(7)).table()).hasSize(7);
        assertThat(Maglev.Table.ofSize(7).place(ids(8), equal(8)).table()).hasSize(65_537);
    }

    @Test
    void maglev_extremeWeights_fillTheTable() {
        Weights weights = Weights.of(Double.MIN_VALUE, 1, 1e300);
        int[] counts = counts(Maglev.Table.ofSize(17).place(ids(3), weights).table(), 3);
        assertThat(counts).containsExactly(1, 1, 15);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -7, 0, 1, 8, 65_536, 5_000_010, 5_000_021, Integer.MAX_VALUE})
    void maglev_sizeNotPrimeOrOutOfRange_isRefused(int size) {
        assertThatThrownBy(() -> Strategies.consistentHash().maglev(size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Maglev table size must be a prime of 2..5000011: " + size);
    }

    @Test
    void maglev_sizeNotPrime_theNextOneIsSaid() {
        assertThatThrownBy(() -> Strategies.consistentHash().maglev(65_536))
                .hasMessage("Maglev table size must be a prime of 2..5000011: 65536; the next one is 65537");
    }

    @Test
    void ring_pointsAscend_andEachKeyBelongsToTheNextOne() {
        HashRing ring = HashRing.Size.DEFAULT.place(ids(10), equal(10));
        long[] points = ring.points();
        assertThat(points).hasSize(1_600);
        for (int i = 1; i < points.length; i++) {
            assertThat(Long.compareUnsigned(points[i - 1], points[i])).isNegative();
            assertThat(ring.locate(points[i])).isEqualTo(i);
            assertThat(ring.locate(points[i - 1] + 1)).isEqualTo(i);
        }
        assertThat(ring.locate(points[1_599] + 1)).isZero();
        assertThat(ring.locate(-1)).isZero();
        assertThat(ring.locate(0)).isZero();
        assertThat(ring.next(1_599)).isZero();
    }

    @Test
    void ring_weights_shareThePoints() {
        HashRing ring = HashRing.Size.of(6, 6).place(ids(3), Weights.of(1, 2, 3));
        assertThat(counts(owners(ring), 3)).containsExactly(1, 2, 3);
    }

    @Test
    void ring_extremeWeights_stayWithinTheMaximum() {
        HashRing ring = HashRing.Size.of(1, 4_096).place(ids(3), Weights.of(Double.MIN_VALUE, 1, 1e300));
        assertThat(ring.points()).hasSize(4_096);
        assertThat(HashRing.Size.DEFAULT.place(ids(1), equal(1)).points()).hasSize(160);
        assertThat(HashRing.Size.of(1, 1).place(ids(1), equal(1)).locate(-5)).isZero();
    }

    @Test
    void ring_sizesOutOfRange_areRefused() {
        assertThatThrownBy(() -> Strategies.consistentHash().ring(4_096, 1_024))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "ring size must be 1 <= min <= max <= 8388608: min 4096, max 1024; gRPC's are 1024 and 4096");
        assertThatThrownBy(() -> Strategies.consistentHash().ring(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Strategies.consistentHash().ring(1, 8_388_609))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void placements_searchReachesEveryBackend() {
        Random random = new Random(1);
        for (KeyPlacement.Layout layout : new KeyPlacement.Layout[] {new Maglev.Table(0), HashRing.Size.DEFAULT}) {
            KeyPlacement placement = layout.place(ids(5), equal(5));
            Set<Integer> met = new HashSet<>();
            long place = placement.locate(random.nextLong());
            for (int i = 0; i < 200; i++) {
                met.add(placement.owner(place));
                place = placement.next(place);
            }
            assertThat(met).hasSize(5);
        }
    }

    private static int[] owners(HashRing ring) {
        return IntStream.range(0, ring.points().length).map(ring::owner).toArray();
    }

    private static int[] counts(int[] owners, int n) {
        int[] counts = new int[n];
        for (int owner : owners) {
            counts[owner]++;
        }
        return counts;
    }

    private static String[] ids(int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> "10.0.0." + i + ":8080")
                .sorted()
                .toArray(String[]::new);
    }

    private static Weights equal(int n) {
        return Weights.even(n, 1);
    }
}
