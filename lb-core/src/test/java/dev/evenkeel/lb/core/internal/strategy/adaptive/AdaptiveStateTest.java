package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.HALVES;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.MILLI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code adaptive} remembers of a backend. */
final class AdaptiveStateTest {
    private static final int BACKENDS = 10;
    private static final int TWENTY_SECONDS = CoarseClock.ofMillis(20_000);
    private static final int TEN_SECONDS = CoarseClock.ofMillis(10_000);
    private static final int FIVE_SECONDS = CoarseClock.ofMillis(5_000);
    private static final int NOW = CoarseClock.ofMillis(50_000);
    private static final double LN_2 = Math.log(2);
    private static final Offset<Float> ROUNDING = within(1e-5f);

    private final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
    private final PickCounter turns = new PickCounter(1_000, NOW);
    private final FakeCandidate backend = FakeCandidate.of("a");

    private AdaptiveState newState() {
        return new AdaptiveState(turns, HALVES);
    }

    private static long nanos(int tick) {
        return (long) tick << 20;
    }

    /** A refresh among backends of an average weight of 1 that have been picked so often on average. */
    private void refresh(AdaptiveState state, float averagePicks, int tick) {
        state.refresh(backend, figures, turns, BACKENDS, 1 / averagePicks, 1, nanos(tick), tick);
    }

    private AdaptiveState refreshed() {
        AdaptiveState state = newState();
        refresh(state, 10, NOW);
        return state;
    }

    private static float cost(AdaptiveState state, int inFlight, float averagePicksInverse) {
        return state.idleCost(averagePicksInverse) + inFlight * state.costOfCall();
    }

    private void poolIsAtWork() {
        turns.next(NOW);
    }

    private void completed(AdaptiveState state, Outcome outcome) {
        state.completed(outcome, MILLI, 10.0 * MILLI, turns, BACKENDS, nanos(NOW));
    }

    /** A timeout while another call ended normally. */
    private void strike(AdaptiveState state) {
        turns.normalAnswers().add(nanos(NOW) - 1, 0);
        state.completed(Outcome.TIMED_OUT, 60_000 * MILLI, 10.0 * MILLI, turns, BACKENDS, nanos(NOW));
    }

    @Test
    void callsInFlight_costByWeightAndFactor() {
        backend.weight = 2;
        assertThat(cost(refreshed(), 3, 0.1f)).isCloseTo(3 / 2f + 0.95f, ROUNDING);

        backend.failureRate = 0.2;
        assertThat(refreshed().factor()).isEqualTo(3);
        assertThat(cost(refreshed(), 3, 0.1f)).isCloseTo(3 * (3 / 2f + 0.95f), ROUNDING);
    }

    @Test
    void picks_costByTheirShare() {
        AdaptiveState state = refreshed();
        assertThat(state.idleCost(0.1f)).isCloseTo(0.95f, ROUNDING);

        for (int i = 1; i <= 20; i++) {
            state.picked(1_000 + i, 0.1f);
        }

        assertThat(state.picks()).isEqualTo(20);
        assertThat(state.lastTurn()).isEqualTo(1_020);
        assertThat(state.idleCost(0.1f)).as("twice the share").isCloseTo(0.95f + 0.05f * 2, ROUNDING);
        refresh(state, 20, NOW);
        assertThat(state.idleCost(0.05f)).as("the share").isCloseTo(1, ROUNDING);
    }

    @Test
    void share_isBoundedByTheAverageOfTheLastRefresh() {
        AdaptiveState state = refreshed();
        for (int i = 1; i <= 100; i++) {
            state.picked(i, 0.1f);
        }
        assertThat(state.idleCost(0.1f)).as("four times the share").isCloseTo(1.15f, ROUNDING);

        refresh(state, 50, NOW);
        assertThat(state.idleCost(0.02f)).as("twice the share").isCloseTo(1.05f, ROUNDING);
    }

    @Test
    void newState_wasLastPickedAtThePresentTurn() {
        poolIsAtWork();

        assertThat(newState().lastTurn()).isEqualTo(1_001);
    }

    @Test
    void picks_areHalvedAsOftenAsThePools_sinceTheStateBegan() {
        for (int i = 0; i < 40; i++) {
            turns.next(NOW);
        }
        turns.next(NOW + TEN_SECONDS);
        AdaptiveState state = refreshed();
        for (int i = 0; i < 8; i++) {
            state.picked(i, 0.1f);
        }

        refresh(state, 10, NOW);
        assertThat(state.picks()).as("no halving since then").isEqualTo(8);
        turns.next(NOW + 2 * TEN_SECONDS);
        turns.next(NOW + 3 * TEN_SECONDS);
        refresh(state, 10, NOW);
        assertThat(state.picks()).isEqualTo(2);
        refresh(state, 10, NOW);
        assertThat(state.picks()).as("each halving counts once").isEqualTo(2);
    }

    @Test
    void stateOfAFreshPool_isNotNew_andHasNoPicks() {
        AdaptiveState state = refreshed();

        assertThat(state.isHeldBack()).isFalse();
        assertThat(state.holdbackFactor(turns.turn(), NOW)).isEqualTo(1);
        assertThat(state.picks()).isZero();
    }

    /** As if the backend had always had its share; its phase decides when its next turn is. */
    @ParameterizedTest
    @CsvSource({"1, 5, 4, 1", "2, 5, 8, 1", "0.5, 5, 2, 1", "4, 1, 0, 1", "1, 0.5, 0, 0.5"})
    void stateAmongUnevenWeights_beginsWithThePicksOfItsShare(
            double weight, float averagePicks, double share, double phases) {
        turns.remember(100, BACKENDS);
        backend.weight = weight;
        AdaptiveState state = newState();

        refresh(state, averagePicks, NOW);

        assertThat((double) state.picks()).isCloseTo(share + phases * LN_2, within(1e-5));
        refresh(state, 2 * averagePicks, NOW);
        assertThat((double) state.picks()).as("later").isCloseTo(share + phases * LN_2, within(1e-5));
    }

    @Test
    void backendThatJoinsAPoolAtWork_costsTwice_forSomeTurnsAndSomeTime() {
        poolIsAtWork();
        int lastTurn = turns.turn() + FirstCallSpread.turns((float) LN_2, BACKENDS);
        int lastTick = NOW + FirstCallSpread.ticks((float) LN_2);

        AdaptiveState state = refreshed();
        assertThat(state.isHeldBack()).isTrue();
        assertThat(state.holdbackFactor(lastTurn - 1, NOW)).isEqualTo(2);
        assertThat(state.holdbackFactor(lastTurn, NOW))
                .as("about 20 turns later")
                .isEqualTo(1);
        assertThat(state.isHeldBack()).isFalse();

        AdaptiveState other = refreshed();
        assertThat(other.holdbackFactor(turns.turn(), lastTick - 1)).isEqualTo(2);
        assertThat(other.holdbackFactor(turns.turn(), lastTick))
                .as("about a second later")
                .isEqualTo(1);
    }

    @Test
    void newBackend_isNewNoMore_onceItHasAnswered() {
        poolIsAtWork();
        AdaptiveState state = refreshed();

        completed(state, Outcome.SERVER_ERROR);

        assertThat(state.isHeldBack()).isFalse();
    }

    @Test
    void returningBackend_isNewAgain_butAStrikeIsNotForgotten() {
        AdaptiveState state = refreshed();
        poolIsAtWork();
        state.joins();
        assertThat(state.isStale(NOW)).isTrue();
        refresh(state, 10, NOW);
        assertThat(state.holdbackFactor(turns.turn(), NOW)).isEqualTo(2);

        strike(state);
        state.joins();
        refresh(state, 10, NOW);
        assertThat(state.holdbackFactor(turns.turn(), NOW)).isEqualTo(100);
    }

    /** 4 x 10 turns for one strike, 8 x 10 for two. */
    @Test
    void strike_costsAHundredTimes_forMoreTurnsWithEach() {
        AdaptiveState state = refreshed();
        strike(state);
        assertThat(state.strikes()).isEqualTo(1);
        assertThat(state.isHeldBack()).isTrue();
        assertThat(state.holdbackFactor(turns.turn() + 39, NOW)).isEqualTo(100);
        assertThat(state.holdbackFactor(turns.turn() + 40, NOW)).isEqualTo(1);
        assertThat(state.isHeldBack()).isFalse();

        strike(state);
        assertThat(state.strikes()).isEqualTo(2);
        assertThat(state.holdbackFactor(turns.turn() + 79, NOW)).isEqualTo(100);
        assertThat(state.holdbackFactor(turns.turn() + 80, NOW)).isEqualTo(1);
    }

    @Test
    void strike_endsAfterFiveSeconds() {
        AdaptiveState state = refreshed();
        strike(state);

        assertThat(state.holdbackFactor(turns.turn(), NOW + FIVE_SECONDS - 1)).isEqualTo(100);
        assertThat(state.holdbackFactor(turns.turn(), NOW + FIVE_SECONDS)).isEqualTo(1);
    }

    @Test
    void strikes_areSixAtMost() {
        AdaptiveState state = refreshed();
        for (int i = 0; i < 8; i++) {
            strike(state);
        }

        assertThat(state.strikes()).isEqualTo(6);
    }

    @Test
    void success_takesAStrikeBack_butDoesNotEndTheRest() {
        AdaptiveState state = refreshed();
        strike(state);
        strike(state);

        completed(state, Outcome.SUCCESS);
        assertThat(state.strikes()).isEqualTo(1);
        assertThat(state.holdbackFactor(turns.turn(), NOW)).isEqualTo(100);
        completed(state, Outcome.SUCCESS);
        assertThat(state.strikes()).isZero();
        completed(state, Outcome.SUCCESS);
        assertThat(state.strikes()).as("there is none left").isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"SUCCESS", "TIMED_OUT"})
    void otherOutcome_neitherStrikesNorTakesAStrikeBack(Outcome outcome) {
        AdaptiveState state = refreshed();
        strike(state);

        completed(state, outcome);

        assertThat(state.strikes()).isEqualTo(1);
    }

    @Test
    void state_isStale_untilItIsRefreshed_andAfterAHundredMilliseconds() {
        AdaptiveState state = newState();
        assertThat(state.isStale(NOW)).as("new").isTrue();

        refresh(state, 10, NOW);
        assertThat(state.isStale(NOW)).isFalse();
        assertThat(state.isStale(NOW + CoarseClock.ofMillis(100) - 1)).isFalse();
        assertThat(state.isStale(NOW + CoarseClock.ofMillis(100))).isTrue();

        completed(state, Outcome.SUCCESS);
        assertThat(state.isStale(NOW)).as("a call has ended well").isFalse();
        assertThat(state.isStale(NOW + 1))
                .as("a call has ended well a millisecond ago")
                .isTrue();
        refresh(state, 10, NOW);
        completed(state, Outcome.SERVER_ERROR);
        assertThat(state.isStale(NOW)).as("a call has failed").isTrue();
        completed(state, Outcome.SUCCESS);
        assertThat(state.isStale(NOW)).as("and the next has ended well").isTrue();
        refresh(state, 10, NOW);
        state.outdate();
        assertThat(state.isStale(NOW)).as("outdated").isTrue();
    }

    /** A backend that comes out of slow start at this moment, with half the latency of the pool, or another one. */
    private AdaptiveState outOfSlowStart(double slowness) {
        figures.latencyNanos = 10.0 * MILLI;
        backend.withLatencyMillis(10 * slowness);
        AdaptiveState state = newState();
        state.refreshInSlowStart(backend, figures, BACKENDS, sampledAt(NOW), NOW);
        refreshWithSample(state, NOW);
        return state;
    }

    private long sampledAt(int tick) {
        backend.latencySampleNanos = nanos(tick);
        return nanos(tick);
    }

    private void refreshWithSample(AdaptiveState state, int tick) {
        sampledAt(tick);
        refresh(state, 10, tick);
    }

    @Test
    void backendInSlowStart_isJudgedByItsLatency() {
        figures.latencyNanos = 10.0 * MILLI;
        backend.withLatencyMillis(5);
        AdaptiveState state = newState();

        state.refreshInSlowStart(backend, figures, BACKENDS, sampledAt(NOW), NOW);

        assertThat(state.factor()).isCloseTo(0.525f, ROUNDING);
        assertThat(state.isStale(NOW)).isFalse();
    }

    @Test
    void backendOutOfSlowStart_beginsWithThePicksOfItsShare_andIsNotNew() {
        poolIsAtWork();
        AdaptiveState state = outOfSlowStart(1);

        assertThat((double) state.picks()).isCloseTo(9 + LN_2, within(1e-5));
        assertThat(state.holdbackFactor(turns.turn(), NOW)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5000, 0.25", "10000, 0.5", "19000, 0.95", "20000, 1", "60000, 1"})
    void goodLatencyAfterSlowStart_isTrustedMoreAndMore_overTwentySeconds(int laterMillis, double trust) {
        AdaptiveState state = outOfSlowStart(0.5);
        int later = NOW + CoarseClock.ofMillis(laterMillis);
        assertThat(state.holdbackFactor(turns.turn(), later)).isEqualTo(1);

        refreshWithSample(state, later);

        assertThat((double) state.factor()).isCloseTo(Math.pow(0.525, trust), within(1e-3));
        assertThat(state.isHeldBack()).isEqualTo(later - NOW < TWENTY_SECONDS);
    }

    /** Beside backends that all seem slower than the pool's median by a fifth. */
    @ParameterizedTest
    @CsvSource({"0.5, 0, 1.2", "0.5, 10000, 0.794", "0.5, 20000, 0.525", "1, 0, 1.2", "2.1, 0, 2"})
    void latencyAfterSlowStart_beginsAtTheUsualOne(double slowness, int laterMillis, double factor) {
        turns.usualFactor(1.2f);
        AdaptiveState state = outOfSlowStart(slowness);

        refreshWithSample(state, NOW + CoarseClock.ofMillis(laterMillis));

        assertThat((double) state.factor()).isCloseTo(factor, within(1e-3));
    }

    @Test
    void badLatencyAfterSlowStart_countsInFull() {
        assertThat(outOfSlowStart(2.1).factor()).isCloseTo(2, ROUNDING);
    }

    @Test
    void goodLatencyOfAStruckBackend_countsInFull() {
        figures.latencyNanos = 10.0 * MILLI;
        backend.withLatencyMillis(5);
        AdaptiveState state = refreshed();
        strike(state);

        refreshWithSample(state, NOW);

        assertThat(state.factor()).isCloseTo(0.525f, ROUNDING);
    }

    /** A backend that was six times as slow, of which nothing was heard for five seconds. */
    @Test
    void slowBackendThatIsTriedAgain_countsItsCallsInFlightAsSlow() {
        figures.latencyNanos = 10.0 * MILLI;
        backend.withLatencyMillis(60).latencySampleNanos = nanos(NOW - CoarseClock.ofMillis(5_000));
        backend.failureRate = 0.1;
        AdaptiveState state = refreshed();
        float faded = state.factor();

        assertThat((double) faded).isBetween(2.0, 3.0);
        assertThat((double) cost(state, 1, 1) - state.idleCost(1))
                .as("8.16 for the latency, 2 for the failures")
                .isCloseTo(2 * 8.1633, within(1e-3));
    }

    @Test
    void fastBackend_countsItsCallsInFlightByWhatHasFaded() {
        figures.latencyNanos = 10.0 * MILLI;
        backend.withLatencyMillis(5).latencySampleNanos = nanos(NOW - CoarseClock.ofMillis(2_000));
        AdaptiveState state = refreshed();

        assertThat((double) state.factor()).isBetween(0.7, 0.9);
        assertThat(cost(state, 1, 1) - state.idleCost(1)).isCloseTo(state.factor(), ROUNDING);
    }
}
