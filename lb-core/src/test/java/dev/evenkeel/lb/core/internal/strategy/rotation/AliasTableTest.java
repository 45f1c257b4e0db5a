package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AliasTableTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void draws_areInProportionToTheWeights(long seed) {
        double[] weights = {1, 2, 0.5, 6.5};
        AliasTable table = new AliasTable(Weights.of(weights));
        int[] counts = new int[4];
        Random random = new Random(seed);
        IntStream.range(0, 100_000).forEach(i -> counts[table.draw(random)]++);
        for (int i = 0; i < 4; i++) {
            assertThat(counts[i]).isCloseTo((int) (weights[i] * 10_000), Offset.offset(600));
        }
    }

    @Test
    void evenWeights_areDrawnFromTheUpperBits() {
        AliasTable table = new AliasTable(Weights.even(4, 7));
        assertThat(table.draw(() -> 0L)).isZero();
        assertThat(table.draw(() -> -1L)).isEqualTo(3);
    }

    /** The columns are 0.5 and 1.5 of the mean. */
    @Test
    void draw_belowTheThreshold_isTheColumnsOwnIndex_andFromItOnTheAlias() {
        AliasTable table = new AliasTable(Weights.of(1, 3));
        assertThat(table.draw(() -> 0x7FFF_FFFFL)).isZero();
        assertThat(table.draw(() -> 0x8000_0000L)).isEqualTo(1);
        assertThat(table.draw(() -> 0x7FFF_FFFF_FFFF_FFFFL)).isEqualTo(1);
        assertThat(table.draw(() -> 0x8000_0000_0000_0000L)).isEqualTo(1);
        assertThat(table.draw(() -> -1L)).isEqualTo(1);
    }

    /**
     * The columns are 0.2, 0.2, 1.3 and 2.3 of the mean. The last one fills up the first two, which leaves it 0.7, and is
     * filled up by the third.
     */
    @Test
    void columnThatHasGivenTooMuchAway_isFilledUpItself() {
        AliasTable table = new AliasTable(Weights.of(2, 2, 13, 23));
        assertThat(new int[] {
                    draw(table, 0, 4, 0.19), draw(table, 1, 4, 0.19), draw(table, 2, 4, 0.01), draw(table, 3, 4, 0.69)
                })
                .containsExactly(0, 1, 2, 3);
        assertThat(new int[] {
                    draw(table, 0, 4, 0.21), draw(table, 1, 4, 0.21), draw(table, 2, 4, 0.99), draw(table, 3, 4, 0.71)
                })
                .containsExactly(3, 3, 2, 2);
    }

    static Stream<double[]> weightSets() {
        Random random = new Random(4);
        return Stream.concat(
                Stream.of(new double[] {1e308, 0.5e308, 1.5e308}, new double[] {0.1, 0.1, 0.1, 0.3}, new double[] {
                    1, 1, 1, 1, 2, 2, 2, 0.5
                }),
                Stream.generate(() ->
                                random.doubles(2 + random.nextInt(20), 0.1, 10).toArray())
                        .limit(50));
    }

    /** What the columns hold of an index, found by bisection, is its share. */
    @ParameterizedTest
    @MethodSource("weightSets")
    void table_holdsTheSharesOfTheWeights(double[] weights) {
        int n = weights.length;
        AliasTable table = new AliasTable(Weights.of(weights));
        double[] held = new double[n];
        for (int column = 0; column < n; column++) {
            int own = draw(table, column, n, 0);
            int alias = draw(table, column, n, 1 - 0x1p-32);
            double low = 0;
            double high = 1;
            for (int step = 0; step < 32 && own != alias; step++) {
                double middle = (low + high) / 2;
                if (draw(table, column, n, middle) == own) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            held[own] += own == alias ? 1 : high;
            held[alias] += own == alias ? 0 : 1 - high;
        }
        double largest = Arrays.stream(weights).max().orElseThrow();
        double sum = Arrays.stream(weights).map(weight -> weight / largest).sum();
        for (int i = 0; i < n; i++) {
            assertThat(held[i] / n).isCloseTo(weights[i] / largest / sum, Offset.offset(1e-8));
        }
    }

    /** With a random number in the middle of a column, whose lower half is a fraction of 2^32. */
    private static int draw(AliasTable table, int column, int columns, double fraction) {
        long upper = (long) ((column + 0.5) / columns * 0x1p32);
        return table.draw(() -> upper << 32 | (long) (fraction * 0x1p32));
    }
}
