package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The waits after failed rounds. */
class RegistryBackoffTest {
    private static final RegistryBackoff WAITS = new RegistryBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    @Test
    void waits_double_upToTheLongest_withHalfOfJitter() {
        Random random = new Random(5);
        for (int i = 0; i < 100; i++) {
            assertThat(WAITS.after(1, random)).isBetween(Duration.ofMillis(500), Duration.ofMillis(1_500));
            assertThat(WAITS.after(3, random)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(6));
            assertThat(WAITS.after(1_000, random)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
            assertThat(WAITS.resume(random)).isBetween(Duration.ofMillis(100), Duration.ofMillis(300));
        }
    }

    @Test
    void impossibleWaits_areRefused() {
        assertThatThrownBy(() -> new RegistryBackoff(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageStartingWith("back-off must begin above 0");
        assertThatThrownBy(() -> new RegistryBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageEndingWith("PT2S to PT1S");
    }
}
