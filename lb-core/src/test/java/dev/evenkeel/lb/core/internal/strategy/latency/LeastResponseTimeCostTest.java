package dev.evenkeel.lb.core.internal.strategy.latency;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the picker says of the cost of a candidate, and how it takes part in slow start. */
class LeastResponseTimeCostTest {
    private static final long MILLI = 1_000_000L;

    private static FakePool pool(int choices, List<FakeCandidate> candidates) {
        FakePool pool = new FakePool(new LeastResponseTime(choices), 1, candidates);
        pool.figures.latencyNanos = 10 * MILLI;
        return pool;
    }

    private static void answer(FakePool pool, FakeCandidate candidate, Outcome outcome, long millis) {
        pool.picker().completed(candidate, outcome, millis * MILLI, pool.clockNanos.get());
    }

    private static double cost(FakePool pool, FakeCandidate candidate) {
        return ((CostPicker) pool.picker()).relativeCost(candidate, pool.clockNanos.get());
    }

    private static int[] counts(FakePool pool, int picks) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        int[] counts = new int[pool.candidates().size()];
        for (int i = 0; i < picks; i++) {
            counts[pool.candidates().indexOf(requireNonNull(pool.pick(request)))]++;
        }
        return counts;
    }

    /** 5, 20 and 35 ms have a mean of 20; a fast failure is a factor of 4. */
    @Test
    void cost_isTheLatencyInProportionToTheMean_timesTheFailures() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(2, candidates);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 5);
        answer(pool, candidates.get(1), Outcome.SUCCESS, 20);
        answer(pool, candidates.get(2), Outcome.SUCCESS, 35);
        assertThat(cost(pool, candidates.get(0))).isCloseTo(0.25, within(1e-9));
        assertThat(cost(pool, candidates.get(2))).isCloseTo(1.75, within(1e-9));
        answer(pool, candidates.get(0), Outcome.SERVER_ERROR, 1);
        assertThat(cost(pool, candidates.get(0))).isCloseTo(1, within(1e-9));
    }

    @Test
    void cost_inALongList_isInProportionToTheMeanOfEight() {
        List<FakeCandidate> candidates = FakePool.ofSize(50);
        FakePool pool = pool(2, candidates);
        FakeCandidate newcomer = FakeCandidate.of("new");
        candidates.forEach(candidate -> answer(pool, candidate, Outcome.SUCCESS, 20));
        answer(pool, newcomer, Outcome.SUCCESS, 30);
        assertThat(cost(pool, newcomer)).isCloseTo(1.5, within(1e-9));
    }

    @Test
    void candidateBeyondThreeTimesTheCostByItsFailures_isUnwell() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(2, candidates);
        CostPicker picker = (CostPicker) pool.picker();
        answer(pool, candidates.get(0), Outcome.SUCCESS, 500);
        assertThat(picker.isUnwell(candidates.get(0), pool.clockNanos.get()))
                .as("it is slow")
                .isFalse();
        answer(pool, candidates.get(0), Outcome.SERVER_ERROR, 1);
        assertThat(picker.isUnwell(candidates.get(0), pool.clockNanos.get())).isTrue();
        pool.figures.calmness = 0.5;
        assertThat(picker.isUnwell(candidates.get(0), pool.clockNanos.get()))
                .as("1 + 10 x 0.3 x 0.5")
                .isFalse();
    }

    /** By its cost, which is four times as much, it would have no call. */
    @Test
    void candidateInSlowStart_hasTheReachedPartOfTheCalls() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(1).weight = 0.25;
        candidates.get(1).inSlowStart = true;
        assertThat(counts(pool(2, candidates), 1_000)).containsExactly(800, 200);
    }

    /** One choice is a random draw: weights do not count, nor does slow start. */
    @Test
    void oneChoice_isRandom() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(1).weight = 0.25;
        candidates.get(1).inSlowStart = true;
        assertThat(counts(pool(1, candidates), 10_000)[1]).isCloseTo(5_000, within(200));
    }

    /**
     * A heavy one with a call in flight costs as much as the idle newcomer of half its weight. After 20 picks of the former
     * the newcomer catches up with one of its own: then there are two turns for one.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void newcomerOfLessWeight_hasNothingToCatchUpWith(int scale) {
        List<FakeCandidate> candidates = FakePool.ofWeights(2 * scale, scale);
        candidates.get(0).withInFlight(1);
        FakePool pool = pool(2, candidates.subList(0, 1));
        counts(pool, 20);
        pool.update(candidates);
        assertThat(counts(pool, 30)[1]).isBetween(10, 11);
    }

    @Test
    void explanation_hasThePenaltyAsAFactor() {
        List<FakeCandidate> candidates = FakePool.ofWeights(2, 1);
        FakePool pool = pool(2, candidates);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 8);
        answer(pool, candidates.get(0), Outcome.SERVER_ERROR, 1);
        candidates.get(0).withInFlight(2);
        assertThat(pool.picker().explain(candidates.get(0), pool.clockNanos.get()))
                .isEqualTo("load 48.0 = 8.00 ms x (2 in flight + 1) x 4.00 failures / weight 2.00");
    }
}
