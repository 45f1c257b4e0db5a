package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import org.junit.jupiter.api.Test;

class CircuitStateTest {
    private final CircuitState circuit = new CircuitState();
    private final Breaker first = Breaker.closed("a", BreakerPolicy.defaults(), () -> 0);
    private final Breaker second = Breaker.closed("a", BreakerPolicy.defaults(), () -> 0);

    @Test
    void breaker_isBegunOnce() {
        assertThat(circuit.begin(first)).isSameAs(first);
        assertThat(circuit.begin(second)).isSameAs(first);
        assertThat(circuit.breaker()).isSameAs(first);
    }

    @Test
    void breakerThatHasBeenReplaced_isNotDropped() {
        circuit.begin(first);
        circuit.breaker(second);
        circuit.drop(first);
        assertThat(circuit.breaker()).isSameAs(second);
        circuit.drop(second);
        assertThat(circuit.breaker()).isNull();
    }

    @Test
    void opening_keepsWhetherTheBackendWasReached() {
        circuit.state(BreakerState.OPEN, 7);
        circuit.opened(true, 7);
        assertThat(circuit.isOpen()).isTrue();
        assertThat(circuit.isUnreachable()).isTrue();
        assertThat(circuit.sinceNanos()).isEqualTo(7);
        circuit.state(BreakerState.HALF_OPEN, 9);
        assertThat(circuit.isOpen()).isFalse();
        assertThat(circuit.sinceNanos()).isEqualTo(9);
        assertThat(circuit.openedNanos()).isEqualTo(7);
    }
}
