package dev.evenkeel.lb.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BreakerPolicyTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "3, 1", "4, 1", "7, 2", "10, 3", "100, 30"})
    void ceiling_isAShareOfThePool_andAtLeastOne(int inService, int maxOpen) {
        assertThat(BreakerPolicy.defaults().maxOpen(inService)).isEqualTo(maxOpen);
    }

    @Test
    void off_isThePolicyWithoutBreakers() {
        assertThat(BreakerPolicy.off().enabled()).isFalse();
        assertThat(BreakerPolicy.defaults().enabled()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"50, 50, 10", "50, 100, 10", "1000, 5, 100", "1000, 0.5, 1000", "1000, 12.5, 40", "5, 50, 5"})
    void minCalls_followFromTheFailureRate_unlessTheyAreSet(int windowSize, double rate, int minCalls) {
        BreakerPolicy.Builder builder =
                BreakerPolicy.builder().windowSize(windowSize).failureRatePercent(rate);

        assertThat(builder.build().minCalls()).isEqualTo(minCalls);
        assertThat(builder.minCalls(2).build().minCalls()).isEqualTo(2);
    }

    @Test
    void badValues_areRefusedBySetterOrBuild() {
        BreakerPolicy.Builder builder = BreakerPolicy.builder();
        assertThatThrownBy(() -> builder.windowSize(0)).hasMessage("breaker windowSize must be 1..10000: 0");
        assertThatThrownBy(() -> builder.failureRatePercent(0))
                .hasMessage("breaker failureRatePercent must be greater than 0 and at most 100: 0.0");
        assertThatThrownBy(() -> builder.failureRatePercent(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.windowDuration(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.halfOpenCalls(1_001))
                .hasMessage("breaker halfOpenCalls must be 1..1000: 1001");
        assertThatThrownBy(() -> builder.windowSize(5).minCalls(6).build())
                .hasMessage("breaker minCalls must be 1..windowSize (5): 6");
        assertThatThrownBy(() -> BreakerPolicy.builder()
                        .openDuration(Duration.ofSeconds(2))
                        .maxOpenDuration(Duration.ofSeconds(1))
                        .build())
                .hasMessage("breaker maxOpenDuration must be at least openDuration (PT2S): PT1S");
    }
}
