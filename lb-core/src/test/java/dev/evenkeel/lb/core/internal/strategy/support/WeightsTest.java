package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import org.junit.jupiter.api.Test;

final class WeightsTest {

    @Test
    void allTheSame_areOneNumber() {
        Weights weights = Weights.of(2, 2, 2);
        assertThat(weights.areEven()).isTrue();
        assertThat(weights.size()).isEqualTo(3);
        assertThat(weights.sum()).isEqualTo(6);
        assertThat(weights.get(2)).isEqualTo(2);
        assertThat(weights.toArray()).containsExactly(2, 2, 2);
        assertThat(weights.isSame(Weights.even(3, 2))).isTrue();
        assertThat(weights.isSame(Weights.even(2, 2))).isFalse();
        assertThat(weights.isSame(Weights.even(3, 1))).isFalse();
    }

    @Test
    void notTheSame_eachHasItsOwn() {
        Weights weights = Weights.of(3, i -> i + 1);
        assertThat(weights.areEven()).isFalse();
        assertThat(weights.sum()).isEqualTo(6);
        assertThat(weights.get(2)).isEqualTo(3);
        assertThat(weights.isSame(Weights.of(1, 2, 3))).isTrue();
        assertThat(weights.isSame(Weights.of(1, 2, 4))).isFalse();
        assertThat(weights.isSame(Weights.even(3, 1))).isFalse();
    }

    @Test
    void runs_areComparedAndCopied_evenOrNot() {
        Weights even = Weights.even(3, 1);
        Weights uneven = Weights.of(2, 1, 1);
        assertThat(even.isSame(0, 2, uneven, 1)).isTrue();
        assertThat(even.isSame(0, 2, uneven, 0)).isFalse();
        assertThat(even.isSame(0, 2, Weights.even(3, 2), 0)).isFalse();
        assertThat(even.isSame(0, 2, Weights.even(3, 1), 0)).isTrue();
        assertThat(even.isSame(0, 2, Weights.of(1, 1, 2), 1)).isFalse();
        assertThat(Weights.of(1, 1, 2).isSame(1, 2, even, 0)).isFalse();
        assertThat(Weights.of(3, 1, 2).isSame(1, 2, Weights.of(5, 4, 1, 2), 2)).isTrue();
        double[] copy = new double[4];
        even.copy(1, copy, 0, 1);
        uneven.copy(0, copy, 2, 2);
        assertThat(copy).containsExactly(1, 0, 2, 1);
    }

    @Test
    void effectiveWeight_isThePartOfOne_forAStrategyThatIgnoresConfiguredWeights() {
        FakeCandidate candidate = FakeCandidate.of("a", 4);
        candidate.weight = 1;
        assertThat(Weights.effective(candidate, false)).isEqualTo(0.25);
        assertThat(Weights.effective(candidate, true)).isEqualTo(1);
    }
}
