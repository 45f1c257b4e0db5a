package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pick refreshes. */
class RefreshGuardTest {
    private static final long MILLI = 1_000_000;
    private static final long START = 7_000 * MILLI;

    @ParameterizedTest
    @CsvSource({"1, 100", "1000, 100", "1001, 100.1", "20000, 2000"})
    void refresh_isDueAfter100Milliseconds_orATenthOfOneForEachCandidate(int candidates, double millis) {
        RefreshGuard guard = RefreshGuard.of(candidates, START, null);
        long dueNanos = START + (long) (millis * MILLI);

        assertThat(guard.isDue(START)).isFalse();
        assertThat(guard.isDue(dueNanos - 1)).isFalse();
        assertThat(guard.isDue(dueNanos)).isTrue();
    }

    @Test
    void refresh_isDueOncePerInterval_whichBeginsWithTheRefresh() {
        RefreshGuard guard = RefreshGuard.of(1, START, null);

        assertThat(guard.isDue(START + 150 * MILLI)).isTrue();
        assertThat(guard.isDue(START + 150 * MILLI)).isFalse();
        assertThat(guard.isDue(START + 249 * MILLI)).isFalse();
        assertThat(guard.isDue(START + 250 * MILLI)).isTrue();
    }

    @Test
    void refresh_isNotDelayedByAChangeOfTheList() {
        RefreshGuard before = RefreshGuard.of(1, START, null);
        RefreshGuard after = RefreshGuard.of(2_000, START + 90 * MILLI, before);

        assertThat(after.isDue(START + 99 * MILLI)).isFalse();
        assertThat(after.isDue(START + 100 * MILLI)).isTrue();
        assertThat(before.isDue(START + 100 * MILLI)).as("they share the time").isFalse();
        assertThat(after.isDue(START + 299 * MILLI)).isFalse();
        assertThat(after.isDue(START + 300 * MILLI))
                .as("0.1 ms for each of 2,000")
                .isTrue();
    }

    @Test
    void refresh_isDue_alsoIfTheClockOverflows() {
        RefreshGuard guard = RefreshGuard.of(1, Long.MAX_VALUE - 50 * MILLI, null);

        assertThat(guard.isDue(Long.MAX_VALUE)).isFalse();
        assertThat(guard.isDue(Long.MIN_VALUE + 49 * MILLI)).isFalse();
        assertThat(guard.isDue(Long.MIN_VALUE + 50 * MILLI)).isTrue();
    }
}
