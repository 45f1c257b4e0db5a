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
}
