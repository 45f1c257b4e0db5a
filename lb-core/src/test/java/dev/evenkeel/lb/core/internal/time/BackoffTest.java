package dev.evenkeel.lb.core.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Delays double up to a maximum, and deviate by their jitter. */
class BackoffTest {
    private static final RandomGenerator MIDDLE = new Random() {
        @Override
        public double nextDouble() {
            return 0.5;
        }
    };

    private static Duration delay(int doublings) {
        return Backoff.delay(Duration.ofMillis(100), Duration.ofSeconds(1), doublings, 0.2, MIDDLE);
    }

    @Test
    void delays_double_upToTheMaximum() {
        assertThat(delay(0)).isEqualTo(Duration.ofMillis(100));
        assertThat(delay(2)).isEqualTo(Duration.ofMillis(400));
        assertThat(delay(4)).isEqualTo(Duration.ofSeconds(1));
        assertThat(delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void delays_deviateByTheirJitter() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            assertThat(Backoff.delay(Duration.ofSeconds(10), Duration.ofHours(1), 0, 0.2, random))
                    .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
        }
    }
}
