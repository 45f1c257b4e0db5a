package dev.evenkeel.lb.core.internal.strategy.load;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Turns by uneven weights, which are lost by too many calls in flight; and what the pickers say of a candidate. */
class WeightedLeastConnectionsTest {

    private static FakePool pool(List<FakeCandidate> candidates) {
        return new FakePool(LeastConnections.WEIGHTED, 5, candidates);
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

    private static void fail(FakePool pool, FakeCandidate candidate) {
        pool.picker().completed(candidate, Outcome.SERVER_ERROR, 1, pool.clockNanos.get());
    }

    @Test
    void idleOnes_takeTurnsByWeight() {
        assertThat(counts(pool(FakePool.ofWeights(5, 1, 2)), 800)).containsExactly(500, 100, 200);
    }

    @Test
    void turns_goOnAfterAChangeOfTheList() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3, 2);
        FakePool pool = pool(candidates);
        int[] counts = new int[3];
        for (int i = 0; i < 60; i++) {
            counts[candidates.indexOf(requireNonNull(pool.pick(FakeRequest.any())))]++;
            pool.update(new ArrayList<>(candidates));
        }
        assertThat(counts).containsExactly(10, 30, 20);
    }

    /**
     * A candidate's share s of the calls in flight and the new one is by weight: of weights 1 and 3 a quarter, and three.
     * With the new call it may have less than s + 1 + 1 / (1 + s).
     */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 100, 300",
        "1, 0, 100, 300", // the light one: 2 of 0.5 + 1.67
        "2, 0, 0, 400", // 3 of 0.75 + 1.57
        "2, 9, 100, 300", // 3 of 3 + 1.25; the heavy one: 10 of 9 + 1.1
        "3, 9, 100, 300", // 4 of 3.25 + 1.24
        "4, 9, 0, 400", // 5 of 3.5 + 1.22
        "0, 3, 100, 300", // the heavy one: 4 of 3 + 1.25
        "0, 4, 400, 0", // 5 of 3.75 + 1.21
        "1, 6, 100, 300", // 7 of 6 + 1.14
        "1, 7, 400, 0" // 8 of 6.75 + 1.13
    })
    void candidateBeyondItsShareOfTheCalls_losesItsTurn(int light, int heavy, int lightPicks, int heavyPicks) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        candidates.get(0).withInFlight(light);
        candidates.get(1).withInFlight(heavy);
        assertThat(counts(pool(candidates), 400)).containsExactly(lightPicks, heavyPicks);
    }

    /** A failure is worth F = 4: of 3 turns in 4 it has a quarter, and none after three lost ones. */
    @Test
    void failingCandidate_keepsOneTurnInF() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        FakePool pool = pool(candidates);
        fail(pool, candidates.get(1));
        assertThat(counts(pool, 4_000)[1]).isBetween(1_150, 1_450);
        FastFailurePenalty.of(candidates.get(1)).forgetFailures();
        assertThat(counts(pool, 400)).containsExactly(100, 300);
    }

    @Test
    void candidateThatMostlyFails_losesItsTurns() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        FakePool pool = pool(candidates);
        for (int i = 0; i < 20; i++) {
            fail(pool, candidates.get(1));
        }
        assertThat(counts(pool, 4_000)[1]).isLessThan(20);
    }

    @Test
    void lostTurns_areSharedByWeight() {
        List<FakeCandidate> candidates = FakePool.ofWeights(2, 1, 3);
        candidates.get(0).withInFlight(50);
        assertThat(counts(pool(candidates), 4_000)).containsExactly(0, 1_000, 3_000);
    }

    /** The turns are b0 b1 b2 b3 b4: three are lost, so b4 has the call; b3 and b4 keep theirs. */
    @Test
    void afterThreeLostTurns_theSmallestOfAllHasTheCall() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 1, 1, 1.001);
        candidates.subList(0, 3).forEach(candidate -> candidate.withInFlight(9));
        int[] counts = counts(pool(candidates), 3_000);
        assertThat(counts[3]).isCloseTo(1_000, within(20));
        assertThat(counts[4]).isCloseTo(2_000, within(20));
    }

    /** All lose their turns to a heavy one that is out: the smallest of (calls + 1) / weight has the call. */
    @ParameterizedTest
    @CsvSource({"10, 10, 10, 2", "10, 10, 20, 2", "10, 10, 22, 1", "4, 10, 22, 0", "10, 22, 44, 0"})
    void callsForTheWeight_areCompared(int one, int two, int four, int expected) {
        FakePool pool = pool(besideAHeavyOneThatIsOut(one, two, four));
        assertThat(counts(pool, 50)[expected]).isEqualTo(50);
    }

    @Test
    void callsForTheWeight_thatAreEqual_meanTurns() {
        FakePool pool = pool(besideAHeavyOneThatIsOut(10, 21, 43));
        assertThat(counts(pool, 300)).containsExactly(100, 100, 100, 0);
    }

    private static List<FakeCandidate> besideAHeavyOneThatIsOut(int one, int two, int four) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 4, 200);
        candidates.get(0).withInFlight(one);
        candidates.get(1).withInFlight(two);
        candidates.get(2).withInFlight(four);
        candidates.get(3).available = false;
        return candidates;
    }

    /** One of 80 with twice the weight wins whenever it is among the 8, unless it has more than twice the calls. */
    @ParameterizedTest
    @CsvSource({"10, 0.1", "20, 0.1", "22, 0"})
    void callsForTheWeight_areComparedInALongList(int calls, double share) {
        double[] weights = new double[80];
        Arrays.fill(weights, 1);
        weights[30] = 2;
        weights[50] = 2_000;
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        candidates.forEach(candidate -> candidate.withInFlight(10));
        candidates.get(30).withInFlight(calls);
        candidates.get(50).withInFlight(0).available = false;
        int picks = 10_000;
        double noise = 4 * Math.sqrt(share * (1 - share) * picks);
        assertThat((double) counts(pool(candidates), picks)[30]).isCloseTo(share * picks, within(noise));
    }

    @Test
    void noneIsAccepted_noneIsPicked() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        candidates.forEach(candidate -> candidate.available = false);
        assertThat(pool(candidates).pick(FakeRequest.any())).isNull();
    }

    @Test
    void oneThatIsLeft_isFound() {
        for (int left = 0; left < 3; left++) {
            List<FakeCandidate> candidates = FakePool.ofWeights(1, 100, 7);
            candidates.forEach(candidate -> candidate.available = false);
            candidates.get(left).available = true;
            assertThat(counts(pool(candidates), 50)[left]).isEqualTo(50);
        }
    }

    /** Half of 8 beside 4 is a third of the calls; without configured weights it is half of 1 beside 1. */
    @Test
    void candidateInSlowStart_hasTheReachedPartOfItsWeight_orOfOne() {
        List<FakeCandidate> candidates = FakePool.ofWeights(4, 4);
        candidates.get(1).weight = 1;
        candidates.get(1).inSlowStart = true;
        assertThat(counts(pool(candidates), 500)).containsExactly(400, 100);

        List<FakeCandidate> uneven = FakePool.ofWeights(4, 8);
        uneven.get(1).weight = 2;
        uneven.get(1).inSlowStart = true;
        assertThat(counts(pool(uneven), 300)).containsExactly(200, 100);
        assertThat(counts(new FakePool(LeastConnections.PLAIN, 5, uneven), 500)).containsExactly(400, 100);
    }

    @Test
    void cost_isThePenaltyForFastFailures_andMoreThanThreeIsUnwell() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        CostPicker picker = (CostPicker) pool.picker();
        long nowNanos = pool.clockNanos.get();
        assertThat(picker.relativeCost(candidates.get(0), nowNanos)).isEqualTo(1);
        assertThat(picker.isUnwell(candidates.get(0), nowNanos)).isFalse();

        fail(pool, candidates.get(0));
        assertThat(picker.relativeCost(candidates.get(0), nowNanos)).isEqualTo(4);
        assertThat(picker.isUnwell(candidates.get(0), nowNanos)).isTrue();

        pool.figures.calmness = 0.5;
        assertThat(picker.relativeCost(candidates.get(0), nowNanos)).isEqualTo(2.5);
        assertThat(picker.isUnwell(candidates.get(0), nowNanos)).isFalse();
    }

    @Test
    void explanation_hasTheFactors() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2);
        candidates.get(1).withInFlight(2);
        FakePool pool = pool(candidates);
        fail(pool, candidates.get(1));
        assertThat(pool.picker().explain(candidates.get(1), pool.clockNanos.get()))
                .isEqualTo("load 6.00 = (2 in flight + 1) x 4.00 failures / weight 2.00; turns by weight");
        assertThat(new FakePool(LeastConnections.PLAIN, 5, candidates)
                        .picker()
                        .explain(candidates.get(1), pool.clockNanos.get()))
                .as("without the configured weight")
                .isEqualTo("load 12.0 = (2 in flight + 1) x 4.00 failures / weight 1.00");
    }

    @Test
    void explanation_ofACandidateInSlowStart_hasItsOwnWeight() {
        List<FakeCandidate> candidates = FakePool.ofWeights(4, 4);
        candidates.get(1).weight = 2;
        candidates.get(1).inSlowStart = true;
        assertThat(pool(candidates).picker().explain(candidates.get(1), 0))
                .isEqualTo(
                        "load 0.500 = (0 in flight + 1) x 1.00 failures / weight 2.00; in slow start: turns by weight");
    }

    @Test
    void bothStrategies_avoidFailures_andShareByWeight() {
        for (LeastConnections strategy : List.of(LeastConnections.PLAIN, LeastConnections.WEIGHTED)) {
            assertThat(strategy.avoidsFailures()).isTrue();
            assertThat(strategy.usesWeights()).isTrue();
        }
        assertThat(LeastConnections.PLAIN.name()).isEqualTo("leastConnections");
        assertThat(LeastConnections.WEIGHTED.name()).isEqualTo("weightedLeastConnections");
    }
}
