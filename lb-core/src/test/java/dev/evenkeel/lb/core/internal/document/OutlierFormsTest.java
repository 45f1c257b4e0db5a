package dev.evenkeel.lb.core.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.spi.EjectionPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Outlier detection as documents have it. */
class OutlierFormsTest {
    private static PoolConfig read(String json) {
        return LimitFormsTest.read("\"outlierDetection\": " + json);
    }

    @Test
    void words_areTheDetectorsOfEvenkeel() {
        assertThat(read("\"envoy\"").outlierDetector()).isEqualTo(OutlierDetectors.envoy());
        assertThat(read("\"grpc\"").outlierDetector()).isEqualTo(OutlierDetectors.grpc());
        assertThat(read("\"none\"").outlierDetector()).isSameAs(OutlierDetectors.none());
        assertThat(read("\"relative\"").outlierDetector()).isSameAs(OutlierDetectors.relative());
    }

    @Test
    void rules_areThoseOfTheBuilder() {
        assertThat(read("""
                        {"errorsInARow": 3, "gatewayErrorsInARow": 4, "failedConnectsInARow": 5, "interval": "7s",
                         "successRate": {"factor": 2.5, "minBackends": 3, "minCalls": 20},
                         "failurePercentage": {}, "latency": {"factor": 3}}
                        """).outlierDetector())
                .isEqualTo(XdsOutlierDetector.builder()
                        .errorsInARow(3)
                        .gatewayErrorsInARow(4)
                        .failedConnectsInARow(5)
                        .interval(Duration.ofSeconds(7))
                        .successRate(2.5, 3, 20)
                        .failurePercentage(85, 5, 50)
                        .latency(3, 5, 50)
                        .build());
    }

    @Test
    void failures_areNginxs_withItsDefaults_andItsEjection() {
        PoolConfig config = read("{\"failures\": {\"count\": 3, \"window\": \"30s\"}}");
        assertThat(config.outlierDetector()).isEqualTo(OutlierDetectors.failures(3, Duration.ofSeconds(30)));
        assertThat(config.ejection().baseDuration()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.ejection().maxDuration()).isEqualTo(Duration.ofSeconds(30));
        assertThat(read("{\"failures\": {}}").outlierDetector())
                .isEqualTo(OutlierDetectors.failures(1, Duration.ofSeconds(10)));
    }

    @Test
    void rulesWithoutARule_areRefused() {
        assertThatThrownBy(() -> read("{\"interval\": \"7s\"}")).hasMessageContaining("outlier rules must have a rule");
    }

    @Test
    void ejection_isThePolicy() {
        PoolConfig config = LimitFormsTest.read("\"ejection\": {\"baseDuration\": \"3s\", \"maxEjectionPercent\": 10}");
        assertThat(config.ejection())
                .isEqualTo(EjectionPolicy.builder()
                        .baseDuration(Duration.ofSeconds(3))
                        .maxEjectionPercent(10)
                        .build());
    }
}
