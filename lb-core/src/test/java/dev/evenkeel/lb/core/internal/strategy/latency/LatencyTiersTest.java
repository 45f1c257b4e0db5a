package dev.evenkeel.lb.core.internal.strategy.latency;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LatencyTiersTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void sensitivity_bordersTheTier() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 1, 3);
        candidates.get(0).withLatencyMillis(50);
        candidates.get(1).withLatencyMillis(71);
        candidates.get(2).withLatencyMillis(70);
        FakePool pool = new FakePool(Strategies.latencyTiers(Duration.ofMillis(20)), 1, candidates);
        assertThat(pool.count(5_000, FakeRequest.any())).containsExactly(1_000, 0, 1_000, 3_000);
    }

    @Test
    void noLatencies_allShareByWeight() {
        FakePool pool = new FakePool(Strategies.latencyTiers(), 1, FakePool.ofWeights(1, 2));
        assertThat(pool.count(3_000, FakeRequest.any())).containsExactly(1_000, 2_000);
    }

    @Test
    void latenciesChange_tierFollowsWithin100Milliseconds() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).withLatencyMillis(5);
        candidates.get(1).withLatencyMillis(500);
        FakePool pool = new FakePool(Strategies.latencyTiers(), 1, candidates);
        assertThat(count(pool, 100)).containsExactly(100, 0);
        candidates.get(0).withLatencyMillis(900);
        fresh(pool, candidates);
        pool.clockNanos.addAndGet(100_000_000);
        assertThat(count(pool, 100)).containsExactly(0, 100);
    }

    @Test
    void slowOne_isTriedOnceIn10Seconds() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.get(0).withLatencyMillis(5);
        candidates.get(1).withLatencyMillis(500);
        candidates.get(2).withLatencyMillis(600);
        FakePool pool = new FakePool(Strategies.latencyTiers(), 1, candidates);
        fresh(pool, candidates);
        int[] counts = new int[3];
        for (int tenths = 0; tenths < 1_000; tenths++) {
            int[] picked = count(pool, 5);
            for (int i = 0; i < 3; i++) {
                counts[i] += picked[i];
            }
            pool.clockNanos.addAndGet(SECOND / 10);
        }
        assertThat(counts[0]).isBetween(4_978, 4_984);
        assertThat(counts[1]).isBetween(8, 11);
        assertThat(counts[2]).isBetween(8, 11);
    }

    /** Trials after 10, 11 and 12 s; a slow answer begins anew. */
    @Test
    void slowOne_thatAnswersFast_isTriedEachSecond_andIsBackAfterThreeFastAnswers() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).withLatencyMillis(5);
        candidates.get(1).withLatencyMillis(500);
        FakePool pool = new FakePool(Strategies.latencyTiers(), 1, candidates);
        fresh(pool, candidates);
        assertThat(secondsToTrial(pool, candidates.get(1))).isEqualTo(10.1);
        answers(pool, candidates.get(1), 20);
        assertThat(secondsToTrial(pool, candidates.get(1))).isEqualTo(1.1);
        answers(pool, candidates.get(1), 400);
        assertThat(secondsToTrial(pool, candidates.get(1))).isEqualTo(10.1);
        for (int i = 0; i < 3; i++) {
            answers(pool, candidates.get(1), 20);
            pool.clockNanos.addAndGet(11 * SECOND / 10);
            count(pool, 1);
        }
        assertThat(count(pool, 100)).containsExactly(50, 50);
    }

    /** To the tenth of a second. */
    private static double secondsToTrial(FakePool pool, FakeCandidate slow) {
        int index = pool.candidates().indexOf(slow);
        for (int tenths = 0; tenths < 200; tenths++) {
            if (count(pool, 5)[index] > 0) {
                return tenths / 10.0;
            }
            pool.clockNanos.addAndGet(SECOND / 10);
        }
        throw new AssertionError("no trial in 20 s");
    }

    private static void answers(FakePool pool, FakeCandidate slow, int millis) {
        slow.latencySampleNanos = pool.clockNanos.get();
        pool.picker().completed(slow, Outcome.SUCCESS, millis * 1_000_000L, pool.clockNanos.get());
    }

    @Test
    void tierFull_fastestOfTheRestServe() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 3, 1);
        double[] latencies = {5, 500, 510, 600};
        for (int i = 0; i < 4; i++) {
            candidates.get(i).withLatencyMillis(latencies[i]);
        }
        candidates.get(0).available = false;
        FakePool pool = new FakePool(Strategies.latencyTiers(), 1, candidates);
        int[] counts = pool.count(4_000, FakeRequest.any());
        assertThat(counts[0]).isZero();
        assertThat(counts[1]).isBetween(900, 1_100);
        assertThat(counts[3]).isZero();
    }

    @Test
    void sensitivity_negative_isRefused() {
        assertThatThrownBy(() -> Strategies.latencyTiers(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("latency sensitivity must not be negative: PT-1S");
    }

    @Test
    void picker_explainsTheTier() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).withLatencyMillis(5);
        FakePool pool = new FakePool(Strategies.latencyTiers(), 1, candidates);
        assertThat(pool.picker().explain(candidates.get(0), 0)).isEqualTo("5.0 ms, tier up to 55.0 ms");
    }

    private static void fresh(FakePool pool, List<FakeCandidate> candidates) {
        candidates.forEach(candidate -> candidate.latencySampleNanos = pool.clockNanos.get());
    }

    private static int[] count(FakePool pool, int picks) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        int[] counts = new int[pool.candidates().size()];
        for (int i = 0; i < picks; i++) {
            counts[pool.candidates().indexOf(requireNonNull(pool.pick(request)))]++;
        }
        return counts;
    }
}
