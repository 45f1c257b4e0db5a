package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightedReservoirTest {
    private final Candidate[] candidates = FakePool.ofSize(3).toArray(Candidate[]::new);

    @Test
    void draws_areInProportion_amongTheAccepted() {
        int[] counts = new int[3];
        Random random = new Random(5);
        Weights weights = Weights.of(1, 2, 3);
        for (int i = 0; i < 40_000; i++) {
            counts[WeightedReservoir.draw(candidates, weights, one -> one != candidates[1], random)]++;
        }
        assertThat(counts[1]).isZero();
        assertThat(counts[0]).isCloseTo(10_000, within(400));
    }

    @Test
    void nothingAccepted_isMinusOne() {
        assertThat(WeightedReservoir.draw(candidates, Weights.even(3, 1), one -> false, new Random(1)))
                .isEqualTo(-1);
    }
}
