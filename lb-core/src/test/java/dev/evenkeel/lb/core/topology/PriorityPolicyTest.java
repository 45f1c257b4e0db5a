package dev.evenkeel.lb.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PriorityPolicyTest {
    @Test
    void policies_haveTheirRules() {
        assertThat(PriorityPolicy.overprovisioned()).isEqualTo(new PriorityPolicy(true, 140, true));
        assertThat(PriorityPolicy.strict().spillsOver()).isFalse();
        assertThat(PriorityPolicy.overprovisioned(200).countingBackends())
                .isEqualTo(new PriorityPolicy(true, 200, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 1_001})
    void factorOutOfRange_isRefused(int factor) {
        assertThatThrownBy(() -> PriorityPolicy.overprovisioned(factor))
                .hasMessage("overprovisioning factor must be 100..1000 percent: " + factor);
    }
}
