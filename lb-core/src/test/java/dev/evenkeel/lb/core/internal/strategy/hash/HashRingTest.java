package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The ring: its points, their owners, and refused sizes. */
final class HashRingTest {

    @Test
    void pointsAscend_andEachKeyBelongsToTheNextOne() {
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
    void weights_shareThePoints() {
        HashRing ring = HashRing.Size.of(6, 6).place(ids(3), Weights.of(1, 2, 3));
        assertThat(counts(owners(ring), 3)).containsExactly(1, 2, 3);
    }

    @Test
    void extremeWeights_stayWithinTheMaximum() {
        HashRing ring = HashRing.Size.of(1, 4_096).place(ids(3), Weights.of(Double.MIN_VALUE, 1, 1e300));
        assertThat(ring.points()).hasSize(4_096);
        assertThat(HashRing.Size.DEFAULT.place(ids(1), equal(1)).points()).hasSize(160);
        assertThat(HashRing.Size.of(1, 1).place(ids(1), equal(1)).locate(-5)).isZero();
    }

    @Test
    void sizesOutOfRange_areRefused() {
        assertThatThrownBy(() -> Strategies.consistentHash().ring(4_096, 1_024))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "ring size must be 1 <= min <= max <= 8388608: min 4096, max 1024; gRPC's are 1024 and 4096");
        assertThatThrownBy(() -> Strategies.consistentHash().ring(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Strategies.consistentHash().ring(1, 8_388_609))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sizesAtTheBounds_areTaken() {
        assertThat(HashRing.Size.of(1, 1)).isEqualTo(new HashRing.Size(1, 1));
        assertThat(HashRing.Size.of(8_388_608, 8_388_608)).isEqualTo(new HashRing.Size(8_388_608, 8_388_608));
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
