package dev.evenkeel.lb.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Below which share of eligible backends a tier uses others, too. */
class PanicPolicyTest {
    @Test
    void factories_nameTheResponse() {
        assertThat(PanicPolicy.useAll(40)).isEqualTo(new PanicPolicy(PanicPolicy.Response.USE_ALL, 40));
        assertThat(PanicPolicy.failFast(40).response()).isEqualTo(PanicPolicy.Response.FAIL_FAST);
        assertThat(PanicPolicy.useAnswering(40).response()).isEqualTo(PanicPolicy.Response.USE_ANSWERING);
        assertThat(PanicPolicy.off().thresholdPercent()).isZero();
    }

    @Test
    void threshold_isAPercentage() {
        assertThatThrownBy(() -> PanicPolicy.useAll(101))
                .hasMessage("panic threshold must be 0..100 percent: 101; 0 is no panic");
        assertThatThrownBy(() -> PanicPolicy.useAll(-1)).hasMessageContaining(": -1;");
    }
}
