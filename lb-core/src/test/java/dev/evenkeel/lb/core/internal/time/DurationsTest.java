package dev.evenkeel.lb.core.internal.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Durations that users configure are positive, and fit into nanoseconds. */
class DurationsTest {
    @Test
    void positiveDurations_areTaken() {
        assertThat(Durations.positive("x", Duration.ofNanos(1))).isEqualTo(Duration.ofNanos(1));
        assertThat(Durations.positive("x", Duration.ofDays(36_500)).toNanos()).isPositive();
    }

    @Test
    void otherDurations_areRefused() {
        for (Duration bad : new Duration[] {Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(36_501)}) {
            assertThatThrownBy(() -> Durations.positive("interval", bad))
                    .hasMessage("interval must be positive (at most 36500 days): " + bad);
        }
    }
}
