package dev.evenkeel.lb.core.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Active checks and breakers as documents have them. */
class HealthFormsTest {
    private static @Nullable HealthCheckPolicy check(String fields) {
        return LimitFormsTest.read("\"healthCheck\": {\"type\": \"tcp\"" + fields + "}")
                .healthCheck();
    }

    @Test
    void fields_areThoseOfThePolicy_inAnyOrder() {
        HealthCheckPolicy expected = HealthCheckPolicy.builder(HealthChecks.tcp())
                .interval(Duration.ofSeconds(9))
                .fastInterval(Duration.ofSeconds(8))
                .downInterval(Duration.ofSeconds(10))
                .timeout(Duration.ofSeconds(7))
                .rise(6)
                .fall(5)
                .jitterPercent(4)
                .initialState(HealthState.DOWN)
                .skipProven(true)
                .maxConcurrent(3)
                .build();
        assertThat(check(
                        ", \"fastInterval\": \"8s\", \"interval\": \"9s\", \"downInterval\": \"10s\", \"timeout\": \"7s\", \"rise\": 6, \"fall\": 5,"
                                + " \"jitterPercent\": 4, \"initialState\": \"down\", \"skipProven\": true,"
                                + " \"maxConcurrent\": 3"))
                .isEqualTo(expected);
    }

    @Test
    void checkWithoutFields_hasTheDefaults() {
        assertThat(check("")).isEqualTo(HealthCheckPolicy.of(HealthChecks.tcp()));
    }

    @Test
    void samples_takeThePlaceOfRiseAndFall() {
        assertThat(check(", \"samples\": {\"required\": 2, \"size\": 4}"))
                .isEqualTo(HealthCheckPolicy.builder(HealthChecks.tcp())
                        .samples(2, 4)
                        .build());
        assertThatThrownBy(() -> check(", \"samples\": {\"required\": 2, \"size\": 4}, \"fall\": 3"))
                .hasMessageContaining("$.pools[0].healthCheck: ")
                .hasMessageContaining(
                        "health check must have either rise and fall, or samples (2 of 4): leave one of them out");
        assertThatThrownBy(() -> check(", \"samples\": {\"required\": 5, \"size\": 4}"))
                .hasMessageContaining("health check samples required must be 1 to size (4): 5");
        assertThatThrownBy(() -> check(", \"samples\": {\"size\": 4}")).hasMessageContaining("required");
    }

    @Test
    void contradiction_isRefused() {
        assertThatThrownBy(() -> check(", \"interval\": \"1s\", \"fastInterval\": \"2s\""))
                .hasMessageContaining("health check fastInterval must be at most interval (PT1S): PT2S");
    }

    @Test
    void breaker_isThePolicy() {
        assertThat(LimitFormsTest.read("\"circuitBreaker\": {\"windowSize\": 60, \"maxOpenPercent\": 50}")
                        .breaker())
                .isEqualTo(BreakerPolicy.builder()
                        .windowSize(60)
                        .maxOpenPercent(50)
                        .build());
    }
}
