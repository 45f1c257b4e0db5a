package dev.evenkeel.lb.core.internal.strategy.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * What the share of fast failures counts, and the penalty for it: 1 + 10 · share, and a
 * hundred times as much for more than a half. A first failure makes a share of 0.3;
 * another result weighs 0.05 at the same time, and 0.3 after 5 s.
 */
class FailureShareTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long USUAL = 10_000_000;
    private static final long START = 50 * SECOND;

    private final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
    private final FastFailurePenalty failures = new FastFailurePenalty();

    private void fails(long nowNanos) {
        failures.count(Outcome.SERVER_ERROR, 1, USUAL, nowNanos);
    }

    private void assertPenalty(double penalty, long nowNanos) {
        assertThat(failures.penalty(figures, nowNanos)).isCloseTo(penalty, within(0.002));
    }

    @Test
    void backendWithoutResults_hasNoPenalty() {
        assertThat(failures.penalty(figures, START)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"SUCCESS", "CANCELLED", "DISCARDED"})
    void failureOrRefusal_counts(Outcome outcome) {
        failures.count(outcome, 1, USUAL, START);
        assertPenalty(4, START);
    }

    @ParameterizedTest
    @EnumSource(names = {"CANCELLED", "DISCARDED"})
    void attemptThatSaysNothing_changesNothing(Outcome outcome) {
        failures.count(outcome, 1, USUAL, START);
        assertPenalty(1, START);
        fails(START);
        failures.count(outcome, 1, USUAL, START);
        assertPenalty(4, START);
    }

    @Test
    void failure_countsUpToTheUsualLatency() {
        failures.count(Outcome.TIMED_OUT, USUAL + 1, USUAL, START);
        assertPenalty(1, START);
        failures.count(Outcome.TIMED_OUT, USUAL, USUAL, START);
        assertPenalty(4, START);
    }

    @Test
    void failure_countsWhateverItTakes_whileTheUsualLatencyIsUnknown() {
        failures.count(Outcome.TIMED_OUT, 1_000 * USUAL, 0, START);
        assertPenalty(4, START);
    }

    @Test
    void success_reducesTheShare_alsoALateOne() {
        fails(START);
        failures.count(Outcome.SUCCESS, 2 * USUAL, USUAL, START);
        assertPenalty(1 + 10 * 0.3 * 0.95, START);
    }

    @Test
    void successOfABackendWithoutFailures_leavesTheWeightOfTheFirstFailure() {
        failures.count(Outcome.SUCCESS, 1, USUAL, START);
        fails(START);
        assertPenalty(4, START);
    }

    @Test
    void share_fadesWithTheTimeSinceTheLatestResult() {
        fails(START);
        assertPenalty(1 + 3 * Math.exp(-1), START + 10 * SECOND);
        fails(START + 5 * SECOND);
        assertPenalty(100 * (1 + 10 * 0.51), START + 5 * SECOND);
        assertPenalty(1 + 5.1 * Math.exp(-1), START + 15 * SECOND);
        assertPenalty(1, START + 60 * SECOND);
    }

    @Test
    void failures_sayLessInAPoolThatIsSlowAsAWhole() {
        fails(START);
        figures.calmness = 0.5;
        assertPenalty(2.5, START);
    }

    @Test
    void failures_areForgottenWithTheReturn() {
        fails(START);
        failures.forgetFailures();
        assertPenalty(1, START);
    }

    /** Shares of 0.3, 0.51 and 0.657; a failure of the highest weight less is (share - 0.3) / 0.7. */
    @Test
    void failureTakenBack_leavesTheShareOfTheOtherFailures_asOfThen() {
        fails(START);
        fails(START + 5 * SECOND);
        fails(START + 10 * SECOND);
        assertPenalty(100 * (1 + 10 * 0.657), START + 10 * SECOND);

        long later = START + 15 * SECOND;
        failures.takeFailureBack(later);
        double left = (0.657 * Math.exp(-0.5) - 0.3) / 0.7;
        assertPenalty(1 + 10 * left, later);
        assertPenalty(1 + 10 * left * Math.exp(-1), later + 10 * SECOND);
    }

    @Test
    void failureTakenBack_fromABackendWithoutFailures_leavesTheWeightOfTheFirst() {
        failures.takeFailureBack(START);
        fails(START);
        assertPenalty(4, START);
    }
}
