package dev.evenkeel.lb.core.internal.strategy.rotation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Statistics;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WeightedRotationTest {

    /** A source of randomness that always says the least: a rotation begins at the start of its cycle. */
    private static final Random ZERO = new Random() {
        @Override
        protected int next(int bits) {
            return 0;
        }
    };

    static Stream<double[]> weightSets() {
        Random random = new Random(77);
        return Stream.of(
                new double[] {1},
                new double[] {5, 1, 1},
                new double[] {1, 65_535},
                new double[] {65_535, 65_534, 65_533},
                random.ints(100, 1, 101).asDoubleStream().toArray(),
                random.doubles(100, 0.1, 10).toArray(),
                DoubleStream.concat(
                                DoubleStream.of(1_000),
                                DoubleStream.generate(() -> 1).limit(99))
                        .toArray(),
                DoubleStream.concat(
                                DoubleStream.of(60_000.5),
                                DoubleStream.generate(() -> 1).limit(99))
                        .toArray(),
                DoubleStream.concat(
                                DoubleStream.of(0.1),
                                DoubleStream.generate(() -> 1).limit(9))
                        .toArray(),
                random.ints(2_000, 1, 101).asDoubleStream().toArray());
    }

    @ParameterizedTest
    @MethodSource("weightSets")
    void weights_millionPicks_nobodyIsEverFarFromItsShare(double[] weights) {
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 3, candidates);
        double total = DoubleStream.of(weights).sum();
        Map<FakeCandidate, Integer> counts = new HashMap<>();
        double worst = 0;
        for (int picks = 1; picks <= 1_000_000; picks++) {
            FakeCandidate picked = requireNonNull(pool.pick(FakeRequest.any()));
            // Lowest just before it is picked, highest just after.
            int count = counts.merge(picked, 1, Integer::sum);
            double share = picked.weight / total;
            worst = Math.max(worst, Math.max((picks - 1) * share - (count - 1), count - picks * share));
        }
        assertThat(worst).isLessThan(3);
    }

    @Test
    void nginxOrder_isKept() {
        assertThat(sequence(7, 5, 1, 1)).isEqualTo("0010200");
        assertThat(sequence(6, 1, 2)).isEqualTo("101101");
    }

    @Test
    void reducibleWeights_makeTheShortCycle() {
        assertThat(sequence(7, 50_000, 10_000, 10_000)).isEqualTo("0010200");
    }

    @Test
    void longCycle_longestRun_isWhatTheWeightsForce() {
        double[] weights = new Random(5).doubles(100, 1, 20).toArray();
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        assertThat(Lag.of(new FakePool(Strategies.weightedRoundRobin(), 6, candidates), candidates, 20_000)
                        .longestRun())
                .isEqualTo(1);
    }

    @Test
    void hundredFreshClients_startApart() {
        for (double[] weights : List.of(
                new Random(1).ints(100, 1, 11).asDoubleStream().toArray(),
                new Random(2).doubles(100, 1, 10).toArray())) {
            int[] firsts = new int[weights.length];
            for (int client = 0; client < 100; client++) {
                List<FakeCandidate> candidates = FakePool.ofWeights(weights);
                FakePool pool = new FakePool(Strategies.weightedRoundRobin(), client, candidates);
                firsts[candidates.indexOf(pool.call(FakeRequest.any()))]++;
            }
            assertThat(Arrays.stream(firsts).max().orElseThrow()).isLessThanOrEqualTo(14);
        }
    }

    @Test
    void fullCandidate_othersKeepTheirProportions() {
        List<FakeCandidate> candidates = FakePool.ofWeights(5, 3, 2, 1);
        candidates.get(0).available = false;
        int[] counts = new FakePool(Strategies.weightedRoundRobin(), 7, candidates).count(60_000, FakeRequest.any());
        assertThat(counts).containsExactly(0, 30_000, 20_000, 10_000);
    }

    @Test
    void fullCandidate_ofNearlyAllTheWeight_othersKeepTheirProportions() {
        List<FakeCandidate> candidates = FakePool.ofWeights(60_000.5, 1, 2, 3);
        candidates.get(0).available = false;
        int[] counts = new FakePool(Strategies.weightedRoundRobin(), 8, candidates).count(60_000, FakeRequest.any());
        assertThat(Statistics.chiSquare(Arrays.copyOfRange(counts, 1, 4), new double[] {1, 2, 3}))
                .isLessThan(Statistics.chiSquareLimit(2));
    }

    @Test
    void sameList_goesOnAsIfNothingHadHappened() {
        for (double[] weights : new double[][] {{5, 1, 1}, {5.5, 1, 1.25}}) {
            List<FakeCandidate> candidates = FakePool.ofWeights(weights);
            FakePool still = new FakePool(Strategies.weightedRoundRobin(), 9, candidates);
            FakePool refreshed = new FakePool(Strategies.weightedRoundRobin(), 9, candidates);
            for (int i = 0; i < 100; i++) {
                refreshed.update(candidates);
                assertThat(refreshed.call(FakeRequest.any())).isSameAs(still.call(FakeRequest.any()));
            }
        }
    }

    @Test
    void slowStart_withFewPicksAStep_nobodyIsFarFromItsShare() {
        List<FakeCandidate> candidates =
                FakePool.ofWeights(new Random(4).doubles(100, 1, 5).toArray());
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 14, candidates);
        Lag lag = new Lag(candidates);
        for (int step = 1; step <= 1_000; step++) {
            candidates.get(50).weight = 3 * step / 1_000.0;
            pool.update(candidates);
            for (int i = 0; i < 7; i++) {
                lag.picked(requireNonNull(pool.call(FakeRequest.any())));
            }
        }
        assertThat(lag.worst()).isLessThan(3);
    }

    @Test
    void weightsJumpAllTheTime_errorsDoNotAddUp() {
        Random random = new Random(10);
        List<FakeCandidate> candidates =
                FakePool.ofWeights(random.doubles(100, 1, 2).toArray());
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 10, candidates);
        Lag lag = new Lag(candidates);
        for (int i = 0; i < 20_000; i++) {
            if (i % 3 == 0) {
                candidates.get(random.nextInt(100)).weight = 0.1 + 10 * random.nextDouble();
                pool.update(candidates);
            }
            lag.picked(requireNonNull(pool.call(FakeRequest.any())));
        }
        // 200 picks each on average, and 67 jumps by up to the hundredfold.
        assertThat(lag.worst()).isLessThan(12);
    }

    @Test
    void candidateJoinsAndLeaves_theOthersKeepTheirPlace() {
        List<FakeCandidate> candidates =
                FakePool.ofWeights(new Random(3).doubles(50, 1, 3).toArray());
        List<FakeCandidate> without = candidates.subList(0, 49);
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 11, candidates);
        Lag lag = new Lag(without);
        for (int i = 0; i < 20_000; i++) {
            if (i % 40 == 0) {
                pool.update(i % 80 == 0 ? without : candidates);
            }
            FakeCandidate picked = requireNonNull(pool.call(FakeRequest.any()));
            if (without.contains(picked)) {
                lag.picked(picked);
            }
        }
        assertThat(lag.worst()).isLessThan(3);
    }

    static Stream<double[]> largeWeightSets() {
        Random random = new Random(21);
        return Stream.of(
                DoubleStream.generate(() -> 1).limit(2_000).toArray(),
                random.ints(2_000, 1, 4).asDoubleStream().toArray(),
                random.doubles(2_000, 1, 3).toArray());
    }

    @ParameterizedTest
    @MethodSource("largeWeightSets")
    void largePool_oneComesAndGoesEachFewPicks_theOthersKeepTheirProportions(double[] weights) {
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        List<FakeCandidate> without = new ArrayList<>(candidates);
        FakeCandidate flapping = without.remove(700);
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 22, candidates);
        Map<FakeCandidate, Integer> counts = new HashMap<>();
        for (int i = 0; i < 40_000; i++) {
            if (i % 5 == 0) {
                pool.update(i % 10 == 0 ? without : candidates);
            }
            counts.merge(requireNonNull(pool.pick(FakeRequest.any())), 1, Integer::sum);
        }
        counts.remove(flapping);
        int picks = counts.values().stream().mapToInt(Integer::intValue).sum();
        double total = DoubleStream.of(weights).sum() - flapping.weight;
        assertThat(without)
                .allSatisfy(candidate -> assertThat((double) counts.getOrDefault(candidate, 0))
                        .isBetween(picks * candidate.weight / total - 3, picks * candidate.weight / total + 3));
    }

    @Tag("long")
    @Test
    void largePool_thatChangesAtRandom_isAsItWouldBeFromScratch() {
        Random random = new Random(23);
        List<FakeCandidate> all =
                FakePool.ofWeights(random.ints(3_000, 1, 4).asDoubleStream().toArray());
        List<FakeCandidate> candidates = new ArrayList<>(all.subList(0, 2_500));
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 24, candidates);
        for (int step = 0; step < 300; step++) {
            candidates.removeIf(candidate -> random.nextInt(2_000) == 0);
            all.stream()
                    .filter(candidate -> !candidates.contains(candidate) && random.nextInt(400) == 0)
                    .forEach(candidates::add);
            candidates.sort(Comparator.comparingInt(all::indexOf));
            candidates.get(random.nextInt(candidates.size())).weight = 1 + random.nextInt(3);
            pool.update(List.copyOf(candidates));
        }
        int cycle = (int)
                candidates.stream().mapToDouble(candidate -> candidate.weight).sum();
        int[] counts = pool.count(cycle, FakeRequest.any());
        assertThat(counts)
                .containsExactly(candidates.stream()
                        .mapToInt(candidate -> (int) candidate.weight)
                        .toArray());
    }

    @Test
    void wholeWeights_changeBackAndForth_everybodyGetsItsShare() {
        List<FakeCandidate> candidates = FakePool.ofWeights(5, 1, 1);
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 12, candidates);
        int[] counts = new int[3];
        for (int i = 0; i < 12_000; i++) {
            candidates.get(0).weight = i % 2 == 0 ? 5 : 8;
            pool.update(candidates);
            counts[candidates.indexOf(pool.call(FakeRequest.any()))]++;
        }
        // 5/7 and 8/10 in turn are 75.7 %.
        assertThat(counts[0]).isBetween(8_900, 9_300);
        assertThat(counts[1]).isBetween(1_300, 1_600);
    }

    @Test
    void extremeWeight_aPickTakesFewTurns() {
        double[] weights = DoubleStream.concat(
                        DoubleStream.of(1_000.5), DoubleStream.generate(() -> 1).limit(99))
                .toArray();
        Random random = new Random(13);
        FakeCandidate[] candidates = FakePool.ofWeights(weights).toArray(FakeCandidate[]::new);
        StrideSchedule turns = (StrideSchedule)
                WeightedSchedule.of(candidates, Weights.of(weights), random, null, CandidateListDiff.none(candidates));
        for (int i = 0; i < 10_000; i++) {
            turns.next();
        }
        assertThat(turns.turnsTaken()).isLessThan(20_000);
    }

    @Test
    void cycle_isKeptOnlyWhileItIsShort() {
        assertThat(SmoothWeightedSchedule.reduced(new double[] {8_191, 1})).containsExactly(8_191, 1);
        assertThat(SmoothWeightedSchedule.reduced(new double[] {8_192, 1})).isNull();
        assertThat(SmoothWeightedSchedule.reduced(new double[] {2.5, 1})).isNull();
        assertThat(SmoothWeightedSchedule.reduced(new double[] {6, 9, 3})).containsExactly(2, 3, 1);
        assertThat(SmoothWeightedSchedule.reduced(new double[] {1e300, 1})).isNull();
        assertThat(SmoothWeightedSchedule.reduced(
                        DoubleStream.generate(() -> 1).limit(1_024).toArray()))
                .hasSize(1_024);
        assertThat(SmoothWeightedSchedule.reduced(
                        DoubleStream.generate(() -> 1).limit(1_025).toArray()))
                .isNull();
        assertThat(SmoothWeightedSchedule.reduced(ofTwoWeights(200, 32))).hasSize(232);
        assertThat(SmoothWeightedSchedule.reduced(ofTwoWeights(32, 200))).hasSize(232);
        assertThat(SmoothWeightedSchedule.reduced(ofTwoWeights(200, 33))).isNull();
    }

    private static double[] ofTwoWeights(int light, int heavy) {
        return DoubleStream.concat(
                        DoubleStream.generate(() -> 1).limit(light),
                        DoubleStream.generate(() -> 2).limit(heavy))
                .toArray();
    }

    /** A client of a large fleet makes fewer calls than a cycle has turns. */
    @Test
    void manyCandidates_aHundredTurnsHaveEachWeightsShare() {
        double[] weights = IntStream.range(0, 499).mapToDouble(i -> 1 + i % 3).toArray();
        FakeCandidate[] candidates = FakePool.ofWeights(weights).toArray(FakeCandidate[]::new);
        WeightedSchedule turns = WeightedSchedule.of(
                candidates, Weights.of(weights), new Random(1), null, CandidateListDiff.none(candidates));
        for (int part = 0; part < 20; part++) {
            int[] picks = new int[3];
            for (int i = 0; i < 100; i++) {
                picks[turns.next() % 3]++;
            }
            assertThat(picks[0]).as("weight 1, of 100 turns").isBetween(5, 30);
            assertThat(picks[2]).as("weight 3, of 100 turns").isBetween(35, 65);
        }
    }

    private static String sequence(int picks, double... weights) {
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        FakeContext seeded = FakeContext.of(0, candidates);
        var picker = Strategies.weightedRoundRobin()
                .newPicker(
                        new FakeContext(seeded.candidates(), null, null, ZERO, seeded.timeSource(), seeded.figures()));
        StringBuilder sequence = new StringBuilder();
        IntStream.range(0, picks).forEach(i -> sequence.append(candidates.indexOf(picker.pick(FakeRequest.any()))));
        return sequence.toString();
    }

    /** How far each candidate's count is from its ideal as picks go by, when weights may change. */
    private static final class Lag {
        private final List<FakeCandidate> candidates;
        private final double[] ideal;
        private final int[] counts;
        private double highest;
        private double lowest;
        private int run;
        private int longestRun;
        private FakeCandidate last;

        Lag(List<FakeCandidate> candidates) {
            this.candidates = new ArrayList<>(candidates);
            this.ideal = new double[candidates.size()];
            this.counts = new int[candidates.size()];
        }

        static Lag of(FakePool pool, List<FakeCandidate> candidates, int picks) {
            Lag lag = new Lag(candidates);
            for (int i = 0; i < picks; i++) {
                lag.picked(requireNonNull(pool.pick(FakeRequest.any())));
            }
            return lag;
        }

        void picked(FakeCandidate picked) {
            run = picked == last ? run + 1 : 1;
            longestRun = Math.max(longestRun, run);
            last = picked;
            double total =
                    candidates.stream().mapToDouble(FakeCandidate::weight).sum();
            for (int i = 0; i < ideal.length; i++) {
                FakeCandidate candidate = candidates.get(i);
                ideal[i] += candidate.weight() / total;
                counts[i] += candidate == picked ? 1 : 0;
                highest = Math.max(highest, counts[i] - ideal[i]);
                lowest = Math.min(lowest, counts[i] - ideal[i]);
            }
        }

        double worst() {
            return Math.max(highest, -lowest);
        }

        int longestRun() {
            return longestRun;
        }
    }
}
