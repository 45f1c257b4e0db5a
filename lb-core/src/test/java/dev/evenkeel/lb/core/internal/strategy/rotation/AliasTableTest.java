package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
}
