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
        assertThat(policy.downInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.rise()).isEqualTo(2);
        assertThat(policy.fall()).isEqualTo(3);
        assertThat(policy.samples()).isNull();
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

    @Test
    void downInterval_followsTheInterval_unlessItIsSet() {
        assertThat(builder().interval(Duration.ofSeconds(5)).build().downInterval())
                .isEqualTo(Duration.ofSeconds(5));
        HealthCheckPolicy byDefault = builder().build();
        assertThat(byDefault.toBuilder().interval(Duration.ofSeconds(5)).build().downInterval())
                .isEqualTo(Duration.ofSeconds(5));
        HealthCheckPolicy set = builder().downInterval(Duration.ofMillis(1)).build();
        assertThat(set.downInterval()).isEqualTo(Duration.ofMillis(1));
        assertThat(set.toBuilder().interval(Duration.ofSeconds(5)).build().downInterval())
                .isEqualTo(Duration.ofMillis(1));
        assertThat(set.withInterval(Duration.ofSeconds(8)).downInterval()).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void samples_takeThePlaceOfRiseAndFall_andAreReplacedByThem() {
        HealthCheckPolicy policy = builder().samples(2, 4).build();
        assertThat(policy.samples()).isEqualTo(new HealthSamples(2, 4));
        assertThat(policy.rise()).isZero();
        assertThat(policy.fall()).isZero();
        assertThat(policy.toBuilder().build()).isEqualTo(policy);
        assertThat(policy.withThresholds(1, 2))
                .isEqualTo(builder().rise(1).fall(2).build());
        assertThat(policy.toBuilder().fall(7).build())
                .isEqualTo(builder().fall(7).build());
        assertThat(policy.toBuilder().rise(7).build())
                .isEqualTo(builder().rise(7).build());
        HealthCheckPolicy streaks = builder().rise(4).fall(5).build();
        assertThat(streaks.toBuilder().samples(2, 4).build()).isEqualTo(policy);
        assertThat(streaks.toBuilder().rise(6).build())
                .isEqualTo(builder().rise(6).fall(5).build());
        assertThat(streaks.toBuilder().fall(6).build())
                .isEqualTo(builder().rise(4).fall(6).build());
    }

    @Test
    void recordWithBothRules_isRefused() {
        HealthCheckPolicy policy = builder().build();
        for (int[] rule : new int[][] {{2, 0}, {0, 3}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HealthCheckPolicy(
                            policy.check(),
                            policy.interval(),
                            policy.fastInterval(),
                            policy.downInterval(),
                            policy.timeout(),
                            rule[0],
                            rule[1],
                            new HealthSamples(2, 4),
                            policy.jitterPercent(),
                            policy.initialState(),
                            policy.skipsProven(),
                            policy.maxConcurrent()))
                    .withMessage(BOTH);
        }
    }

    private static final String BOTH =
            "health check must have either rise and fall, or samples (2 of 4): leave one of them out";

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
                refused(
                        b -> b.downInterval(Duration.ofNanos(999_999)),
                        "health check downInterval must be at least 1 ms: PT0.000999999S"),
                refused(
                        b -> b.downInterval(Duration.ZERO),
                        "health check downInterval must be positive (at most 36500 days): PT0S"),
                refused(b -> b.samples(2, 4).rise(2).build(), BOTH),
                refused(b -> b.fall(3).samples(2, 4).build(), BOTH),
                refused(b -> b.samples(0, 4), "health check samples required must be 1 to size (4): 0"),
                refused(b -> b.samples(5, 4), "health check samples required must be 1 to size (4): 5"),
                refused(b -> b.samples(1, 0), "health check samples size must be 1..64: 0"),
                refused(b -> b.samples(1, 65), "health check samples size must be 1..64: 65"),
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
