package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadBoundTest {
    private static LoadBound bound(double factor, int inFlight, double... weights) {
        Candidate[] candidates = FakePool.ofWeights(weights).toArray(Candidate[]::new);
        LoadBound bound = LoadBound.of(factor, candidates, null);
        IntStream.range(0, inFlight).forEach(i -> bound.started());
        return bound;
    }

    @Test
    void slots_areDividedByWeight_andAddUp() {
        LoadBound bound = bound(1.25, 7, 1, 2, 1);
        assertThat(List.of(bound.slots(0), bound.slots(1), bound.slots(2))).containsExactly(2, 5, 3);
    }

    @Test
    void eachCandidate_hasASlot() {
        assertThat(bound(1, 0, 1, 1_000).slots(0)).isEqualTo(1);
    }

    @Test
    void nextBound_continuesTheCount() {
        Candidate[] candidates = FakePool.ofSize(1).toArray(Candidate[]::new);
        LoadBound first = LoadBound.of(2, candidates, null);
        first.started();
        first.started();
        LoadBound next = LoadBound.of(2, candidates, first);
        assertThat(next.slots(0)).isEqualTo(6);
        next.completed();
        assertThat(first.slots(0)).isEqualTo(4);
    }

    @Test
    void factorBelow1_isRefused() {
        assertThatThrownBy(() -> LoadBound.check(0.9))
                .hasMessageStartingWith("bounded load factor must be 1..1000: 0.9");
        assertThat(LoadBound.check(1.25)).isEqualTo(1.25);
    }
}
