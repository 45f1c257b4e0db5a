package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import org.junit.jupiter.api.Test;

/** What {@code adaptive} remembers of a backend that reports its load. */
final class ReportedLoadStateTest {
    @Test
    void report_countsFromTheNextPickOn() {
        PickCounter turns = new PickCounter(0, 0);
        ReportedLoadState state = new ReportedLoadState(turns, AdaptivePoolFixture.HALVES);
        state.refresh(FakeCandidate.of("a"), new FakeContext.FakeFigures(), turns, 3, 1, 1, 0, 0);
        assertThat(state.isStale(0)).isFalse();

        state.reported(2, 0);

        assertThat(state.isStale(0)).isTrue();
    }
}
