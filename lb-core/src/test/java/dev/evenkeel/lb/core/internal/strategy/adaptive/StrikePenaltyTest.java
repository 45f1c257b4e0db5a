package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A late call is a strike under {@code adaptive} only if another call has ended normally since it was overdue. */
final class StrikePenaltyTest {
    private static final long MILLI = 1_000_000;
    private static final long P95_MILLIS = 10;

    private final List<FakeCandidate> candidates = FakePool.ofSize(2);
    private final FakePool pool = new FakePool(Strategies.adaptive(), 1, candidates);
    private final FakeCandidate late = candidates.get(0);
    private final FakeCandidate other = candidates.get(1);
    private final long startNanos = pool.clockNanos.get();

    @BeforeEach
    void answersAreUsual() {
        pool.figures.latencyNanos = 5.0 * MILLI;
        pool.figures.latencyP95Nanos = (double) P95_MILLIS * MILLI;
    }

    /** A call to a candidate ends, so many milliseconds after the test has begun. */
    private void ends(FakeCandidate candidate, Outcome outcome, long atMillis, long latencyMillis) {
        pool.clockNanos.set(startNanos + atMillis * MILLI);
        candidate.inFlight.incrementAndGet();
        pool.complete(candidate, outcome, latencyMillis * MILLI);
    }

    private static int strikes(FakeCandidate candidate) {
        return AdaptiveStates.of(new PickCounter(0, 0), new Random(1), false)
                .of(candidate)
                .strikes();
    }

    @ParameterizedTest
    @CsvSource({"SUCCESS, 41", "TIMED_OUT, 1000", "CANCELLED, 30"})
    void lateCall_otherEndedNormallyMeanwhile_isAStrike(Outcome outcome, long latencyMillis) {
        ends(other, Outcome.SUCCESS, 11, 5);
        ends(late, outcome, latencyMillis, latencyMillis);

        assertThat(strikes(late)).isEqualTo(1);
        assertThat(pool.picker().explain(late, pool.clockNanos.get())).contains("100 rest");
    }

    @ParameterizedTest
    @CsvSource({"SUCCESS, 41", "TIMED_OUT, 1000", "CANCELLED, 30"})
    void lateCall_nothingEndedMeanwhile_isNoStrike(Outcome outcome, long latencyMillis) {
        ends(late, outcome, latencyMillis, latencyMillis);

        assertThat(strikes(late)).isZero();
    }

    @Test
    void lateCall_otherEndedBeforeItWasOverdue_isNoStrike() {
        ends(other, Outcome.SUCCESS, 9, 5);
        ends(late, Outcome.SUCCESS, 100, 100);

        assertThat(strikes(late)).isZero();
    }

    /** As after a pause of the client: what has waited for its end ends at one moment. */
    @Test
    void lateCall_otherEndsAtTheSameMoment_isNoStrike() {
        ends(other, Outcome.SUCCESS, 100, 5);
        ends(late, Outcome.SUCCESS, 100, 100);

        assertThat(strikes(late)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"SUCCESS, 41", "SERVER_ERROR, 1", "NEVER_SENT, 1", "CANCELLED, 5", "TIMED_OUT, 50"})
    void lateCall_otherEndedLateOrWithoutSuccess_isNoStrike(Outcome outcome, long latencyMillis) {
        ends(other, outcome, 50, latencyMillis);
        ends(late, Outcome.SUCCESS, 100, 100);

        assertThat(strikes(late)).isZero();
    }

    @Test
    void lateCalls_afterAPause_strikeNoBackend() {
        for (int call = 0; call < 5; call++) {
            ends(late, Outcome.SUCCESS, 100, 100 - call);
            ends(other, Outcome.SUCCESS, 100, 100 - call);
        }

        assertThat(strikes(late)).isZero();
        assertThat(strikes(other)).isZero();
    }

    @Test
    void lateCall_manyEndedNormallyAtItsEnd_isAStrikeByOneBefore() {
        ends(other, Outcome.SUCCESS, 50, 5);
        for (int call = 0; call < 100; call++) {
            ends(other, Outcome.SUCCESS, 100, 5);
        }
        ends(late, Outcome.SUCCESS, 100, 100);

        assertThat(strikes(late)).isEqualTo(1);
    }

    @Test
    void normalAnswers_takeStrikesBack() {
        ends(other, Outcome.SUCCESS, 50, 5);
        ends(late, Outcome.SUCCESS, 100, 100);
        ends(late, Outcome.SUCCESS, 110, 5);

        assertThat(strikes(late)).isZero();
    }

    @Test
    void witness_isKnownToTheNextPicker() {
        ends(other, Outcome.SUCCESS, 50, 5);
        pool.update(candidates);
        ends(late, Outcome.SUCCESS, 100, 100);

        assertThat(strikes(late)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "SUCCESS, 40000000, false",
        "SUCCESS, 40000001, true",
        "CANCELLED, 9999999, false",
        "CANCELLED, 10000000, true",
        "TIMED_OUT, 1, true",
        "SERVER_ERROR, 1000000000, false",
        "FAILED, 1000000000, false"
    })
    void lateCall_isComparedWithThePoolsPercentile(Outcome outcome, long latencyNanos, boolean isLate) {
        assertThat(StrikePenalty.isLate(outcome, latencyNanos, P95_MILLIS * MILLI))
                .isEqualTo(isLate);
    }

    @ParameterizedTest
    @CsvSource({"SUCCESS, 1, false", "CANCELLED, 1, false", "CANCELLED, 0, false", "TIMED_OUT, 1, true"})
    void poolWithoutAPercentile_knowsOfTimeoutsOnly(Outcome outcome, long latencyNanos, boolean isLate) {
        assertThat(StrikePenalty.isLate(outcome, latencyNanos, 0)).isEqualTo(isLate);
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "2, 8", "3, 16", "4, 32", "5, 64", "6, 64"})
    void rest_doublesWithEachStrike_upToSixtyFourRounds(int strikes, int rounds) {
        assertThat(StrikePenalty.turns(strikes, 1)).isEqualTo(rounds);
        assertThat(StrikePenalty.turns(strikes, 7)).as("of seven").isEqualTo(7 * rounds);
    }

    @Test
    void strikes_areSixAtMost() {
        assertThat(StrikePenalty.limited(5)).isEqualTo(5);
        assertThat(StrikePenalty.limited(6)).isEqualTo(6);
        assertThat(StrikePenalty.limited(7)).isEqualTo(6);
    }
}
