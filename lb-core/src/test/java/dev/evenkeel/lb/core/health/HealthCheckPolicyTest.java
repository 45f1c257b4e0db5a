package dev.evenkeel.lb.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.HealthState;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HealthCheckPolicyTest {

    private static HealthCheckPolicy.Builder builder() {
        return HealthCheckPolicy.builder(HealthChecks.tcp());
    }

    @Test
    void defaults_areThoseOfTheDocumentation() {
        HealthCheckPolicy policy = builder().build();

        assertThat(policy.interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.fastInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.rise()).isEqualTo(2);
        assertThat(policy.fall()).isEqualTo(3);
        assertThat(policy.jitterPercent()).isEqualTo(10);
        assertThat(policy.initialState()).isEqualTo(HealthState.UNKNOWN);
        assertThat(policy.skipsProven()).isFalse();
        assertThat(policy.maxConcurrent()).isEqualTo(256);
    }

    @Test
    void copies_changeOnlyWhatTheySay() {
        HealthCheckPolicy policy = builder()
                .fastInterval(Duration.ofMillis(100))
                .timeout(Duration.ofMillis(300))
                .rise(4)
                .fall(5)
                .jitterPercent(0)
                .initialState(HealthState.DOWN)
                .skipProven(true)
                .maxConcurrent(7)
                .build();

        assertThat(policy.toBuilder().build()).isEqualTo(policy);
        assertThat(policy.withTimeout(Duration.ofMillis(300)).withThresholds(4, 5))
                .isEqualTo(policy);
        assertThat(policy.withInterval(Duration.ofSeconds(8)).fastInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.withInterval(Duration.ofMillis(1)).fastInterval()).isEqualTo(Duration.ofMillis(1));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refused(
                        b -> b.interval(Duration.ZERO),
                        "health check interval must be positive (at most 36500 days): PT0S"),
                refused(
                        b -> b.interval(Duration.ofSeconds(-1)),
                        "health check interval must be positive (at most 36500 days): PT-1S"),
                refused(
                        b -> b.interval(Duration.ofNanos(100)),
                        "health check interval must be at least 1 ms: PT0.0000001S"),
                refused(
                        b -> b.fastInterval(Duration.ZERO),
                        "health check fastInterval must be positive (at most 36500 days): PT0S"),
                refused(
                        b -> b.fastInterval(Duration.ofSeconds(3)).build(),
                        "health check fastInterval must be at most interval (PT2S): PT3S"),
                refused(
                        b -> b.timeout(Duration.ZERO),
                        "health check timeout must be positive (at most 36500 days): PT0S"),
                refused(b -> b.timeout(Duration.ofHours(2)), "health check timeout must be at most 1 h: PT2H"),
                refused(
                        b -> b.timeout(Duration.ofSeconds(Long.MAX_VALUE)),
                        "health check timeout must be positive (at most 36500 days): PT2562047788015215H30M7S"),
                refused(b -> b.rise(0), "health check rise must be 1..100: 0"),
                refused(b -> b.rise(101), "health check rise must be 1..100: 101"),
                refused(b -> b.fall(-1), "health check fall must be 1..100: -1"),
                refused(b -> b.fall(101), "health check fall must be 1..100: 101"),
                refused(b -> b.jitterPercent(51), "health check jitterPercent must be 0..50: 51.0"),
                refused(b -> b.jitterPercent(Double.NaN), "health check jitterPercent must be 0..50: NaN"),
                refused(
                        b -> b.initialState(HealthState.UP),
                        "health check initialState must be UNKNOWN (counts as up) or DOWN: UP"),
                refused(b -> b.maxConcurrent(0), "health check maxConcurrent must be 1..10000: 0"),
                refused(b -> b.maxConcurrent(10_001), "health check maxConcurrent must be 1..10000: 10001"));
    }

    private static Arguments refused(Consumer<HealthCheckPolicy.Builder> setting, String message) {
        return Arguments.of(message, setting);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refused(String message, Consumer<HealthCheckPolicy.Builder> setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.accept(builder()))
                .withMessage(message);
    }
}
