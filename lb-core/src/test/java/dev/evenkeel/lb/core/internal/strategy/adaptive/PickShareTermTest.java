package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** S of the cost: a call costs more where there were many, above all at a light backend. */
final class PickShareTermTest {
    private static final int AVERAGE_PICKS = 1_000;

    /** The cost of one more call at an idle backend. */
    private static double cost(double share, double weight, double factor, boolean isUneven) {
        float weightInverse = (float) (1 / weight);
        float inverse = weightInverse / AVERAGE_PICKS;
        float picks = (float) (share * weight * AVERAGE_PICKS);
        float term = PickShareTerm.slope(picks, inverse, weightInverse, isUneven) * inverse * (float) factor;
        return PickShareTerm.cost(term, (float) factor, weightInverse, isUneven);
    }

    private static void assertCost(double share, double weight, boolean isUneven, double cost) {
        assertThat(cost(share, weight, 1, isUneven)).isCloseTo(cost, within(1e-4));
        assertThat(cost(share, weight, 8, isUneven)).as("8 times").isCloseTo(8 * cost, within(1e-3));
    }

    /** A twentieth of the share, up to 4. */
    @ParameterizedTest
    @CsvSource({"0, 0.95", "1, 1", "2, 1.05", "4, 1.15", "9, 1.15"})
    void costAmongEvenWeights_growsALittleWithTheShareOfPicks(double share, double cost) {
        assertCost(share, 1, false, cost);
    }

    @ParameterizedTest
    @CsvSource({
        // Of the average weight, or more: half of the share, up to 5.
        "0, 1, 0.5",
        "1, 1, 1",
        "2, 1, 1.5",
        "5, 1, 3",
        "9, 1, 3",
        "3, 2, 2",
        "9, 50, 3",
        // Lighter: the same up to the share that is due, and from there on 1/w times as much, up to a cost of 3.
        "0, 0.5, 0.5",
        "1, 0.5, 1",
        "2, 0.5, 2",
        "3, 0.5, 3",
        "9, 0.5, 3",
        "1, 0.02, 1",
        "1.02, 0.02, 1.5",
        "1.04, 0.02, 2",
        "100, 0.02, 3"
    })
    void costAmongUnevenWeights_growsWithTheShareOfPicks(double share, double weight, double cost) {
        assertCost(share, weight, true, cost);
    }

    /** A small difference of latencies is mostly noise: it costs a backend some of its calls, and only a large one all. */
    @ParameterizedTest
    @CsvSource({"1.1, 0.8, 1", "1.5, 0.3, 0.7", "2, 0.01, 0.4", "4, 0, 0.02"})
    void smallDifferenceOfLatencies_doesNotOutweighUnevenWeights(double slowness, double least, double most) {
        List<FakeCandidate> candidates = FakePool.ofWeights(2, 1, 1);
        FakePool pool = new FakePool(Strategies.adaptive(), 1, candidates);
        pool.figures.latencyNanos = 1e6;
        for (FakeCandidate candidate : candidates) {
            candidate.withLatencyMillis(1).latencySampleNanos = pool.clockNanos.get();
        }
        candidates.get(1).withLatencyMillis(slowness);

        int[] calls = pool.count(10_000, FakeRequest.any());

        assertThat(calls[1] / 2_500.0).isBetween(least, most);
    }

    /** One call after the other, and one of fifty fails at the heavy backend: no reason to send most calls to a canary. */
    @ParameterizedTest
    @CsvSource({"100, 1.3", "10, 2.5"})
    void fewFailuresOfAHeavyBackend_doNotMoveItsCallsToALightOne(double heavy, double most) {
        List<FakeCandidate> candidates = FakePool.ofWeights(heavy, 1);
        FakePool pool = new FakePool(Strategies.adaptive(), 1, candidates);
        candidates.get(0).failureRate = 0.04;

        int[] calls = pool.count(100_000, FakeRequest.any());

        double share = 100_000 / (heavy + 1);
        assertThat(calls[1]).isBetween((int) share, (int) (share * most));
    }

    @Test
    void heavyBackendThatFailsMostly_losesItsCalls() {
        List<FakeCandidate> candidates = FakePool.ofWeights(100, 1);
        FakePool pool = new FakePool(Strategies.adaptive(), 1, candidates);
        candidates.get(0).failureRate = 0.6;

        assertThat(pool.count(10_000, FakeRequest.any())[1]).isGreaterThan(9_900);
    }

    /** What nginx's least_conn and HAProxy's leastconn give the light one is more than its weight's share. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3"})
    void lightBackendOfABusyPool_hasHalfOfWhatLeastConnectionsGivesIt_atLeast(int inFlightEach) {
        double[] weights = {1, 10, 10, 10, 10, 10};

        double adaptive = shareOfTheFirst(new Random(1), weights, inFlightEach, true);
        double leastConnections = shareOfTheFirst(new Random(1), weights, inFlightEach, false);

        assertThat(adaptive).isGreaterThan(leastConnections / 2);
    }

    /** As many calls in flight as given for each backend; a random one of them ends, and another begins. */
    private static double shareOfTheFirst(Random random, double[] weights, int inFlightEach, boolean isAdaptive) {
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        FakePool pool =
                new FakePool(isAdaptive ? Strategies.adaptive() : Strategies.weightedLeastConnections(), 1, candidates);
        Deque<FakeCandidate> open = new ArrayDeque<>();
        int first = 0;
        int calls = 20_000;
        for (int i = 0; i < calls; i++) {
            FakeCandidate picked = pool.acquire(FakeRequest.any());
            first += picked == candidates.get(0) ? 1 : 0;
            open.addLast(picked);
            if (open.size() > inFlightEach * weights.length) {
                for (int turns = random.nextInt(open.size()); turns > 0; turns--) {
                    open.addLast(open.removeFirst());
                }
                pool.complete(open.removeFirst(), Outcome.SUCCESS, 5_000_000);
            }
        }
        return (double) first / calls;
    }
}
