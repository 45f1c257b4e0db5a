package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Statistics;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WeightedRandomTest {

    static Stream<double[]> weightSets() {
        Random random = new Random(78);
        return Stream.of(
                new double[] {1, 1},
                new double[] {5, 1, 1},
                new double[] {0.1, 1, 10},
                new double[] {1, 65_535},
                random.ints(100, 1, 101).asDoubleStream().toArray(),
                random.doubles(100, 0.1, 10).toArray());
    }

    @ParameterizedTest
    @MethodSource("weightSets")
    void weights_millionPicks_fitTheShares(double[] weights) {
        int[] counts =
                new FakePool(Strategies.random(), 21, FakePool.ofWeights(weights)).count(1_000_000, FakeRequest.any());
        assertThat(Statistics.chiSquare(counts, weights)).isLessThan(Statistics.chiSquareLimit(weights.length - 1));
    }

    @Test
    void triedCandidate_othersKeepTheirProportions() {
        List<FakeCandidate> candidates = FakePool.ofWeights(5, 3, 2, 1);
        FakePool pool = new FakePool(Strategies.random(), 22, candidates);
        int[] counts = pool.count(100_000, FakeRequest.any().afterTrying(candidates.get(0)));
        assertThat(counts[0]).isZero();
        assertThat(Statistics.chiSquare(Arrays.copyOfRange(counts, 1, 4), new double[] {3, 2, 1}))
                .isLessThan(Statistics.chiSquareLimit(2));
    }

    /** Eight draws rarely meet the one of a thousandth of the weight. */
    @Test
    void onlyALightCandidateAccepted_itIsPicked() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1_000);
        FakePool pool = new FakePool(Strategies.random(), 24, candidates);
        assertThat(pool.count(100, FakeRequest.any().afterTrying(candidates.get(1))))
                .containsExactly(100, 0);
        assertThat(pool.count(100, FakeRequest.any().afterTrying(candidates.get(0))))
                .containsExactly(0, 100);
    }

    @Test
    void noCandidateAccepted_nothingIsPicked() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.forEach(candidate -> candidate.available = false);
        assertThat(new FakePool(Strategies.random(), 25, candidates).pick(FakeRequest.any()))
                .isNull();
        assertThat(new FakePool(Strategies.weightedRoundRobin(), 25, candidates).pick(FakeRequest.any()))
                .isNull();
    }

    @Test
    void weightChanges_theSharesFollow() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3);
        FakePool pool = new FakePool(Strategies.random(), 26, candidates);
        candidates.get(0).weight = 5;
        pool.update(candidates);
        int[] counts = pool.count(100_000, FakeRequest.any());
        assertThat(Statistics.chiSquare(counts, new double[] {5, 2, 3})).isLessThan(Statistics.chiSquareLimit(2));
    }

    @Test
    void aliasTable_extremeWeights_neverFails() {
        Random random = new Random(23);
        for (double[] weights : new double[][] {
            {Double.MIN_VALUE, 1, 1e300}, {1e308, 1e308, 1e308}, {Double.MIN_VALUE, Double.MIN_VALUE}
        }) {
            AliasTable table = new AliasTable(Weights.of(weights));
            for (int i = 0; i < 10_000; i++) {
                assertThat(table.draw(random)).isBetween(0, weights.length - 1);
            }
        }
    }
}
