package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedWaitingCallsTest {

    private static final long MILLI = 1_000_000;
    private static final double TICK_NANOS = 8192;

    @Test
    void word_afterEveryCallHasEnded_isNone() {
        long word = PackedWaitingCalls.NONE;
        for (long start = -5; start < 5; start++) {
            word += PackedWaitingCalls.one(start * 77_777_777);
        }
        for (long start = 4; start >= -5; start--) {
            word -= PackedWaitingCalls.one(start * 77_777_777);
        }
        assertThat(word).isEqualTo(PackedWaitingCalls.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, 1, -1, Long.MAX_VALUE - 3 * MILLI, Long.MIN_VALUE, 1L << 58, -(1L << 58), 123_456_789_012_345L})
    void mean_atAnyOriginOfTheClock_isTheMeanAge(long origin) {
        long word = PackedWaitingCalls.one(origin)
                + PackedWaitingCalls.one(origin + 2 * MILLI)
                + PackedWaitingCalls.one(origin + 4 * MILLI);
        assertThat(PackedWaitingCalls.count(word)).isEqualTo(3);
        assertThat(PackedWaitingCalls.meanNanos(word, origin + 10 * MILLI)).isCloseTo(8.0 * MILLI, within(TICK_NANOS));
    }

    @Test
    void mean_ofManyCallsForHours_doesNotOverflow() {
        long word = PackedWaitingCalls.NONE;
        for (int i = 0; i < 32_768; i++) {
            word += PackedWaitingCalls.one(i);
        }
        long twoHours = TimeUnit.HOURS.toNanos(2);
        assertThat(PackedWaitingCalls.count(word)).isEqualTo(32_768);
        assertThat(PackedWaitingCalls.meanNanos(word, twoHours)).isCloseTo(twoHours, within(2 * TICK_NANOS));
    }

    @Test
    void mean_ofOneCallForYears_doesNotOverflow() {
        long eightYears = TimeUnit.DAYS.toNanos(8 * 365);
        assertThat(PackedWaitingCalls.meanNanos(PackedWaitingCalls.one(77), eightYears))
                .isCloseTo(eightYears, within(TICK_NANOS));
    }

    @Test
    void mean_whenTheReaderReadTheClockBeforeTheCallStarted_isZero() {
        assertThat(PackedWaitingCalls.meanNanos(PackedWaitingCalls.one(5 * MILLI), 4 * MILLI))
                .isZero();
        assertThat(PackedWaitingCalls.meanNanos(PackedWaitingCalls.NONE, 4 * MILLI))
                .isZero();
    }
}
