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
                .timeout(Duration.ofSeconds(7))
                .rise(6)
                .fall(5)
                .jitterPercent(4)
                .initialState(HealthState.DOWN)
                .skipProven(true)
                .maxConcurrent(3)
                .build();
        assertThat(check(
                        ", \"fastInterval\": \"8s\", \"interval\": \"9s\", \"timeout\": \"7s\", \"rise\": 6, \"fall\": 5,"
                                + " \"jitterPercent\": 4, \"initialState\": \"down\", \"skipProven\": true,"
                                + " \"maxConcurrent\": 3"))
                .isEqualTo(expected);
    }

    @Test
    void checkWithoutFields_hasTheDefaults() {
        assertThat(check("")).isEqualTo(HealthCheckPolicy.of(HealthChecks.tcp()));
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
