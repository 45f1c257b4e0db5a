package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

class ProvenStateTest {
    private final ProvenState state = new ProvenState();

    @Test
    void success_provesUntilAFailure() {
        assertThat(state.isProvenSince(0)).isFalse();
        state.record(Outcome.SUCCESS, 10);
        assertThat(state.isProvenSince(10)).isTrue();
        assertThat(state.isProvenSince(11)).isFalse();
        state.record(Outcome.CANCELLED, 20);
        assertThat(state.isProvenSince(10)).isTrue();
        state.record(Outcome.FAILED, 30);
        assertThat(state.isProvenSince(0)).isFalse();
    }
}
