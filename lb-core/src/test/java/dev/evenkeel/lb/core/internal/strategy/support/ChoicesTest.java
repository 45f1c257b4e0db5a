package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** How many candidates are compared. */
class ChoicesTest {
    @Test
    void atLeastOneCandidate_isCompared() {
        assertThat(Choices.check(1)).isEqualTo(1);
        assertThatThrownBy(() -> Choices.check(0)).hasMessage("choices must be at least 1, such as 2: 0");
    }
}
