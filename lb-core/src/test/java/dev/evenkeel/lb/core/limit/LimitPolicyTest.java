package dev.evenkeel.lb.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pool takes at once, and how many calls wait. */
class LimitPolicyTest {
    @Test
    void none_isNone_andAnyLimitIsNot() {
        assertThat(LimitPolicy.none().isNone()).isTrue();
        assertThat(LimitPolicy.maxInFlight(10).isNone()).isFalse();
        assertThat(LimitPolicy.none().withQueue(1, Duration.ofSeconds(1)).isNone())
                .isFalse();
    }

    @Test
    void withQueue_keepsTheLimit() {
        LimitPolicy policy = LimitPolicy.maxInFlight(10).withQueue(5, Duration.ofMillis(200));

        assertThat(policy.maxInFlight()).isEqualTo(10);
        assertThat(policy.queueSize()).isEqualTo(5);
        assertThat(policy.queueTimeout()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void valuesOutOfRange_areRefused() {
        assertThatThrownBy(() -> LimitPolicy.maxInFlight(0)).hasMessageEndingWith("must be at least 1: 0");
        assertThatThrownBy(() -> LimitPolicy.none().withQueue(-1, Duration.ofSeconds(1)))
                .hasMessageEndingWith("must be 0..1000000: -1");
        assertThatThrownBy(() -> LimitPolicy.none().withQueue(1, Duration.ZERO))
                .hasMessageEndingWith("must be 1 ms to 1 h: PT0S");
    }
}
