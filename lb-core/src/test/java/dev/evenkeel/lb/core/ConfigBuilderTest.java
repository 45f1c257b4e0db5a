package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.EjectionPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The defaults and the rules of a pool's settings. */
class ConfigBuilderTest {
    private final ConfigBuilder config = new ConfigBuilder("users");

    @Test
    void strategyThatAvoidsFailures_hasNoOutlierDetectionByDefault() {
        config.strategy(Strategies.leastConnections());
        assertThat(config.build().outlierDetector()).isSameAs(OutlierDetectors.none());
        config.strategy(Strategies.roundRobin());
        assertThat(config.build().outlierDetector()).isSameAs(OutlierDetectors.relative());
        config.strategy(Strategies.leastConnections());
        config.outlierDetector(OutlierDetectors.relative());
        assertThat(config.build().outlierDetector()).isSameAs(OutlierDetectors.relative());
    }

    @Test
    void ejection_isTheDetectorsUnlessItIsSet() {
        config.outlierDetector(OutlierDetectors.envoy());
        assertThat(config.build().ejection()).isEqualTo(EjectionPolicy.envoy());
        EjectionPolicy own = EjectionPolicy.builder().maxEjectionPercent(7).build();
        config.ejection(own);
        assertThat(config.build().ejection()).isEqualTo(own);
    }

    @Test
    void badValues_areRefused() {
        assertThatThrownBy(() -> config.maxRetryAfter(Duration.ofHours(2)))
                .hasMessage("maxRetryAfter must be PT0S to PT1H: PT2H");
        assertThatThrownBy(() -> config.sessionIdleTimeout(Duration.ofSeconds(-1)))
                .hasMessage("sessionIdleTimeout must be PT0S to PT24H: PT-1S");
        assertThatThrownBy(() -> config.initialDiscoveryTimeout(Duration.ofDays(1)))
                .hasMessage("initialDiscoveryTimeout must be PT0S to PT1H: PT24H");
        assertThatThrownBy(() -> new ConfigBuilder("a b")).hasMessageStartingWith("pool name must be a host name");
    }

    @Test
    void duplicateIds_areRefusedByBuild() {
        config.backend(Backend.of("http://a:1"));
        config.backend(Backend.of("https://a:1"));
        assertThatThrownBy(config::build).hasMessageStartingWith("duplicate backend id \"a:1\" in pool \"users\"");
    }
}
