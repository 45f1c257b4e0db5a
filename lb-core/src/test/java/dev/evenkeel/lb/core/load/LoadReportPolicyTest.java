package dev.evenkeel.lb.core.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoadReportPolicyTest {
    @Test
    void durations_areBounded() {
        LoadReportPolicy policy = LoadReportPolicy.of(AgentCheck.onPort(1));
        assertThat(policy.interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.withTimeout(Duration.ofMillis(1)).timeout()).isEqualTo(Duration.ofMillis(1));
        assertThatThrownBy(() -> policy.withInterval(Duration.ZERO))
                .hasMessage("load reports' interval must be 1 ms to 1 h: PT0S");
        assertThatThrownBy(() -> policy.withTimeout(Duration.ofHours(2)))
                .hasMessage("load reports' timeout must be 1 ms to 1 h: PT2H");
    }

    @Test
    void pollsPerSecond_areBounded_andUnboundedByDefault() {
        LoadReportPolicy policy = LoadReportPolicy.of(AgentCheck.onPort(1));
        assertThat(policy.maxPerSecond()).isZero();
        assertThat(policy.withMaxPerSecond(20)
                        .withInterval(Duration.ofSeconds(3))
                        .withTimeout(Duration.ofSeconds(2)))
                .isEqualTo(new LoadReportPolicy(policy.source(), Duration.ofSeconds(3), Duration.ofSeconds(2), 20));
        assertThatThrownBy(() -> policy.withMaxPerSecond(-1))
                .hasMessage("load reports' maxPerSecond must be 0..1000: -1");
        assertThatThrownBy(() -> policy.withMaxPerSecond(1_001))
                .hasMessage("load reports' maxPerSecond must be 0..1000: 1001");
    }
}
