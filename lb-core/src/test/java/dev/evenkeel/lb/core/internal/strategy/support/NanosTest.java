package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NanosTest {
    private static final long CENTURY_NANOS = 36_525L * 86_400 * 1_000_000_000;

    @Test
    void duration_isItsNanoseconds() {
        assertThat(Nanos.of(Duration.ofMillis(1_500))).isEqualTo(1_500_000_000);
        assertThat(Nanos.of(Duration.ZERO)).isZero();
        assertThat(Nanos.of(Duration.ofDays(36_524))).isEqualTo(CENTURY_NANOS - 86_400L * 1_000_000_000);
    }

    @Test
    void durationBeyondACentury_isACentury() {
        assertThat(Nanos.of(Duration.ofDays(36_526))).isEqualTo(CENTURY_NANOS);
        assertThat(Nanos.of(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(CENTURY_NANOS);
    }
}
