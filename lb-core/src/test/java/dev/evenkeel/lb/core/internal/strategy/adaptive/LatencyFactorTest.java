package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long the relative latency of a backend is remembered. */
final class LatencyFactorTest {
    private static final double SECOND = 1e9;

    /** Of a backend that is four times as slow as its pool. */
    private static double factor(double gapSeconds, double ageSeconds) {
        return LatencyFactor.of(40e6, 10e6, gapSeconds * SECOND, (long) (ageSeconds * SECOND));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.4, 1.2, 10})
    void freshSample_countsInFull_howeverSeldomTheyCome(double gapSeconds) {
        assertThat(factor(gapSeconds, 0)).isCloseTo(4 / 1.05, within(0.001));
    }

    @Test
    void oneAnswer_isForgottenAfterFourSeconds() {
        assertThat(factor(0, 1)).isGreaterThan(1.5);
        assertThat(factor(0, 4)).isEqualTo(1);
    }

    @Test
    void memory_growsWithTheGap_upToTwentySeconds() {
        assertThat(factor(0.05, 5)).isBetween(1.0, 1.1);
        assertThat(factor(0.4, 5)).isBetween(1.5, 2.0);
        assertThat(factor(1.2, 5)).isBetween(2.6, 3.0);
        assertThat(factor(10, 5)).isBetween(2.6, 3.0).isEqualTo(factor(60, 5));
    }

    @Test
    void unknownLatency_isAverage() {
        assertThat(LatencyFactor.of(0, 10e6, 0, 0)).isEqualTo(1);
        assertThat(LatencyFactor.of(10e6, 0, 0, 0)).isEqualTo(1);
    }
}
