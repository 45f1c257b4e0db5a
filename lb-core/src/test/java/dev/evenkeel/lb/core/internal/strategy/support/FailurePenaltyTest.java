package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 1 + 10 · share · calmness, and a hundred times as much beyond a half. */
class FailurePenaltyTest {

    @ParameterizedTest
    @CsvSource({"0, 1", "0.1, 2", "0.3, 4", "0.5, 6", "0.75, 850", "1, 1100"})
    void failures_ofACalmPool_makeABackendExpensive(double failureRate, double penalty) {
        assertThat(FailurePenalty.of(failureRate, 1)).isCloseTo(penalty, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"0.3, 0.5, 2.5", "1, 0.5, 6", "1, 0.75, 850", "1, 0, 1"})
    void failures_ofAPoolThatIsSlowAsAWhole_sayLess(double failureRate, double calmness, double penalty) {
        assertThat(FailurePenalty.of(failureRate, calmness)).isCloseTo(penalty, within(1e-9));
    }
}
