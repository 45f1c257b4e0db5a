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

    /** In a pool with few calls a report of no load says that a slow backend has recovered. */
    @Test
    void report_countsForTheCallsInFlightAsWell() {
        FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
        figures.latencyNanos = 10e6;
        figures.latencyGapNanos = 1e9;
        FakeCandidate slow = FakeCandidate.of("a").withLatencyMillis(60);
        ReportedLoadState state = new ReportedLoadState(new PickCounter(0, 0), AdaptivePoolFixture.HALVES);
        assertThat(state.unfadedLatencyFactor(slow, figures, 3, 0)).isGreaterThan(5);

        state.reported(0.5f, 0);

        assertThat(state.unfadedLatencyFactor(slow, figures, 3, 0)).isEqualTo(1);
    }
}
