package dev.evenkeel.lb.okhttp.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.retry.RetryBudgets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a second request is sent. */
class HedgePolicyTest {
    @Test
    void delay_isFixed_orAMultipleOfTheLatency() {
        HedgePolicy fixed = HedgePolicy.builder().delay(Duration.ofMillis(50)).build();
        HedgePolicy relative = HedgePolicy.builder()
                .delay(Duration.ofMillis(50))
                .multipleOfP95(2)
                .budget(RetryBudgets.percentOfCalls(5, 1))
                .build();

        assertThat(fixed.delay()).isEqualTo(Duration.ofMillis(50));
        assertThat(relative.delay()).isNull();
        assertThat(relative.multipleOfP95()).isEqualTo(2);
    }

    @Test
    void valuesOutOfRange_areRefused() {
        assertThatThrownBy(() -> HedgePolicy.builder().delay(Duration.ZERO))
                .hasMessage("delay must be PT0.001S..PT1H: PT0S");
        assertThatThrownBy(() -> HedgePolicy.builder().multipleOfP95(0.5))
                .hasMessage("multipleOfP95 must be 1..100: 0.5");
        assertThatThrownBy(() -> HedgePolicy.builder().budget(null)).hasMessage("budget must not be null");
    }
}
