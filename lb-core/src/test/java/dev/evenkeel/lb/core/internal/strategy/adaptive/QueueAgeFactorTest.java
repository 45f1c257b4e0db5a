package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A of the cost: the mean age of the calls in flight, in percentiles of the pool. */
final class QueueAgeFactorTest {
    @ParameterizedTest
    @CsvSource({"0, 10, 1", "9, 10, 1", "10, 10, 1", "15, 10, 1.5", "300, 10, 30"})
    void callsOlderThanThePercentile_countByTheirAge(double meanMillis, double p95Millis, double factor) {
        assertThat(QueueAgeFactor.of(meanMillis * 1e6, p95Millis * 1e6)).isEqualTo(factor);
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "1e12"})
    void poolWithoutAPercentile_knowsNoAge(double meanNanos) {
        assertThat(QueueAgeFactor.of(meanNanos, 0)).isEqualTo(1);
    }
}
