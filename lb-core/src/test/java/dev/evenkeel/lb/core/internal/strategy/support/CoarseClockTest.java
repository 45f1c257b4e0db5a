package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ticks of 2^20 ns. */
class CoarseClockTest {

    @Test
    void tick_isAboutAMillisecond() {
        assertThat(CoarseClock.of(1_048_575)).isZero();
        assertThat(CoarseClock.of(1_048_576)).isEqualTo(1);
        assertThat(CoarseClock.ofMillis(10_000)).as("10^10 / 2^20 = 9,536.7").isEqualTo(9_536);
    }

    @Test
    void clock_wrapsAfter52Days() {
        assertThat(CoarseClock.of((1L << 51) - 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(CoarseClock.of(1L << 51)).isEqualTo(Integer.MIN_VALUE);
        assertThat(CoarseClock.of(1L << 52)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "100, 109, 10, false",
        "100, 110, 10, true",
        "100, 100, 0, true",
        "100, 99, 10, true",
        "2147483647, -2147483648, 1, true",
        "2147483647, -2147483648, 2, false"
    })
    void ticks_havePassed_alsoIfTheClockWraps_orIfTheTimeIsInTheFuture(int since, int now, int ticks, boolean passed) {
        assertThat(CoarseClock.passed(since, now, ticks)).isEqualTo(passed);
    }
}
