package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What is left of a value after a time. */
class ExponentialDecayTest {
    @Test
    void fraction_isTheExponentials_toAThousandth() {
        for (int i = 1; i < 150; i++) {
            assertThat(ExponentialDecay.left(i * 100L, 1_000)).isCloseTo(Math.exp(-i / 10.0), Offset.offset(1e-3));
        }
    }

    @Test
    void ends_areExact() {
        assertThat(ExponentialDecay.left(0, 1_000)).isEqualTo(1);
        assertThat(ExponentialDecay.left(-5, 1_000)).isEqualTo(1);
        assertThat(ExponentialDecay.left(16_000, 1_000)).isZero();
        assertThat(ExponentialDecay.left(Long.MAX_VALUE, 1)).isZero();
    }
}
