package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RoundRobinTest {

    @Test
    void roundRobin_millionPicks_givesEachTheSame() {
        int[] counts =
                new FakePool(Strategies.roundRobin(), 1, FakePool.ofSize(40)).count(1_000_000, FakeRequest.any());
        assertThat(counts).containsOnly(25_000);
    }

    @Test
    void roundRobin_counterOverflow_goesOnInOrder() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        RandomGenerator lastPositive = () -> ((long) Integer.MAX_VALUE) << 32;
        FakeContext seeded = FakeContext.of(0, candidates);
        var picker = Strategies.roundRobin()
                .newPicker(new FakeContext(
                        seeded.candidates(), null, null, lastPositive, seeded.timeSource(), seeded.figures()));
        List<Candidate> picks = new ArrayList<>();
        IntStream.range(0, 6).forEach(i -> picks.add(picker.pick(FakeRequest.any())));
        assertThat(picks.subList(0, 3)).containsExactlyInAnyOrderElementsOf(candidates);
        assertThat(picks.subList(3, 6)).isEqualTo(picks.subList(0, 3));
    }

    @Test
    void roundRobin_listChanges_goesOnWhereItWas() {
        List<FakeCandidate> candidates = FakePool.ofSize(4);
        FakePool pool = new FakePool(Strategies.roundRobin(), 2, candidates);
        List<FakeCandidate> picks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pool.update(candidates);
            picks.add(pool.call(FakeRequest.any()));
        }
        assertThat(picks.subList(0, 4)).containsExactlyInAnyOrderElementsOf(candidates);
        assertThat(picks.subList(4, 8)).isEqualTo(picks.subList(0, 4));
    }

    @Test
    void roundRobin_weights_doNotCount() {
        int[] counts = new FakePool(Strategies.roundRobin(), 3, FakePool.ofWeights(5, 1, 65_535))
                .count(30_000, FakeRequest.any());
        assertThat(counts).containsOnly(10_000);
    }

    @Test
    void roundRobin_slowStart_counts() {
        List<FakeCandidate> candidates = FakePool.ofWeights(5, 1, 4);
        candidates.get(2).weight = 2;
        int[] counts = new FakePool(Strategies.roundRobin(), 4, candidates).count(25_000, FakeRequest.any());
        assertThat(counts[0]).isBetween(9_999, 10_001);
        assertThat(counts[1]).isBetween(9_999, 10_001);
        assertThat(counts[2]).isBetween(4_999, 5_001);
    }

    @Test
    void roundRobin_hundredFreshClients_startApart() {
        int[] firsts = new int[10];
        for (int client = 0; client < 100; client++) {
            int[] counts =
                    new FakePool(Strategies.roundRobin(), client, FakePool.ofSize(10)).count(1, FakeRequest.any());
            for (int i = 0; i < 10; i++) {
                firsts[i] += counts[i];
            }
        }
        assertThat(Arrays.stream(firsts).max().orElseThrow()).isLessThan(30);
    }

    private static List<FakeCandidate> calls(FakePool pool, int calls, FakeRequest request) {
        return Stream.generate(() -> pool.call(request)).limit(calls).toList();
    }

    @Test
    void roundRobin_refusedCandidate_isSkippedInFavourOfItsSuccessor() {
        List<FakeCandidate> candidates = FakePool.ofSize(4);
        FakePool pool = new FakePool(Strategies.roundRobin(), 5, candidates);
        FakeRequest request = FakeRequest.any().afterTrying(candidates.get(3));
        List<FakeCandidate> calls = calls(pool, 8, request);
        assertThat(calls).doesNotContain(candidates.get(3));
        assertThat(calls.stream().filter(candidates.get(0)::equals)).hasSize(4);
        assertThat(calls.stream().filter(candidates.get(1)::equals)).hasSize(2);
    }

    @Test
    void roundRobin_noCandidateAccepted_nothingIsPicked() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = new FakePool(Strategies.roundRobin(), 5, candidates);
        assertThat(pool.pick(FakeRequest.any().afterTrying(candidates.toArray(Candidate[]::new))))
                .isNull();
    }

    @Test
    void roundRobin_candidateOfTheSameFactorJoins_theRotationCountsOn() {
        for (int seed = 0; seed < 8; seed++) {
            List<FakeCandidate> candidates = FakePool.ofWeights(3, 1, 7, 2, 5);
            FakePool pool = new FakePool(Strategies.roundRobin(), seed, candidates);
            FakePool joined = new FakePool(Strategies.roundRobin(), seed, candidates.subList(0, 4));
            int turn = candidates.indexOf(pool.call(FakeRequest.any()));
            int turnOfFour = candidates.indexOf(joined.call(FakeRequest.any()));
            joined.update(candidates);
            List<FakeCandidate> five = calls(joined, 5, FakeRequest.any());
            assertThat(five).containsExactlyInAnyOrderElementsOf(candidates);
            int next = candidates.indexOf(five.get(0));
            assertThat(next).as("the counter of %s and %s", turn, turnOfFour).isEqualTo((turn + 1) % 5);
        }
    }

    @Test
    void roundRobin_slowStartBeginsInARunningRotation_andEnds() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = new FakePool(Strategies.roundRobin(), 6, candidates);
        candidates.get(1).weight = 0.5;
        pool.update(candidates);
        assertThat(pool.count(5_000, FakeRequest.any())).containsExactly(2_000, 1_000, 2_000);
        candidates.get(1).weight = 1;
        pool.update(candidates);
        assertThat(pool.count(3_000, FakeRequest.any())).containsExactly(1_000, 1_000, 1_000);
    }

    @Test
    void roundRobin_allInSlowStart_andThenAllButOne() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.forEach(candidate -> candidate.weight = 0.5);
        FakePool pool = new FakePool(Strategies.roundRobin(), 7, candidates);
        assertThat(pool.count(3_000, FakeRequest.any())).containsExactly(1_000, 1_000, 1_000);
        candidates.get(0).weight = 1;
        pool.update(candidates);
        assertThat(pool.count(4_000, FakeRequest.any())).containsExactly(2_000, 1_000, 1_000);
    }

    @Test
    void roundRobin_candidateInSlowStartJoins_andLeaves() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.get(2).weight = 0.5;
        FakePool pool = new FakePool(Strategies.roundRobin(), 8, candidates.subList(0, 2));
        pool.update(candidates);
        assertThat(pool.count(5_000, FakeRequest.any())).containsExactly(2_000, 2_000, 1_000);
        pool.update(candidates.subList(0, 2));
        assertThat(pool.count(2_000, FakeRequest.any())).containsExactly(1_000, 1_000);
    }

    @Test
    void strategies_useWeights_andHaveTheirNames() {
        assertThat(Strategies.roundRobin().usesWeights()).as("for slow start").isTrue();
        assertThat(Strategies.roundRobin().name()).isEqualTo("roundRobin");
        assertThat(Strategies.weightedRoundRobin().usesWeights()).isTrue();
        assertThat(Strategies.weightedRoundRobin().name()).isEqualTo("weightedRoundRobin");
        assertThat(Strategies.random().usesWeights()).isTrue();
        assertThat(Strategies.random().name()).isEqualTo("random");
    }
}
