package dev.evenkeel.lb.core.internal.strategy.latency;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeastResponseTimeTest {
    private static final long MILLI = 1_000_000L;

    private static FakePool pool(List<FakeCandidate> candidates) {
        FakePool pool = new FakePool(Strategies.leastResponseTime(), 1, candidates);
        pool.figures.latencyNanos = 10 * MILLI;
        return pool;
    }

    private static void answer(FakePool pool, FakeCandidate candidate, Outcome outcome, long millis) {
        pool.picker().completed(candidate, outcome, millis * MILLI, pool.clockNanos.get());
    }

    private static FakeCandidate next(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        return requireNonNull(pool.pick(request));
    }

    /** 5 ms times three calls, beside 14 and then 16 ms times one. */
    @Test
    void latencyTimesTheCallsThatTheBackendWouldHave_decides() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 5);
        answer(pool, candidates.get(1), Outcome.SUCCESS, 14);
        assertThat(next(pool)).isSameAs(candidates.get(0));
        candidates.get(0).withInFlight(2);
        assertThat(next(pool)).isSameAs(candidates.get(1));
        answer(pool, candidates.get(1), Outcome.SUCCESS, 16);
        assertThat(next(pool)).isSameAs(candidates.get(0));
    }

    @Test
    void weightDividesTheLoad() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        FakePool pool = pool(candidates);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 10);
        answer(pool, candidates.get(1), Outcome.SUCCESS, 29);
        assertThat(next(pool)).isSameAs(candidates.get(1));
        answer(pool, candidates.get(1), Outcome.SUCCESS, 31);
        assertThat(next(pool)).isSameAs(candidates.get(0));
    }

    @Test
    void fastErrors_multiplyTheLoad() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 5);
        answer(pool, candidates.get(1), Outcome.SUCCESS, 15);
        answer(pool, candidates.get(0), Outcome.SERVER_ERROR, 1);
        assertThat(next(pool)).as("5 ms x 4").isSameAs(candidates.get(1));
    }

    @Test
    void equalOnes_takeTurnsByWeight() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        int[] counts = new int[2];
        for (int i = 0; i < 100; i++) {
            counts[candidates.indexOf(next(pool))]++;
        }
        assertThat(counts).containsExactly(50, 50);
    }

    /** After 20 picks of the other one a newcomer catches up with one only. */
    @Test
    void newcomer_hasNothingToCatchUpWith() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(List.of(candidates.get(0)));
        for (int i = 0; i < 20; i++) {
            next(pool);
        }
        pool.update(candidates);
        int[] counts = new int[2];
        for (int i = 0; i < 10; i++) {
            counts[candidates.indexOf(next(pool))]++;
        }
        assertThat(counts[0]).isBetween(4, 5);
    }

    @Test
    void onlyOneLeft_isFound_whereverItIs() {
        for (int left = 0; left < 12; left++) {
            List<FakeCandidate> candidates = FakePool.ofSize(12);
            for (int i = 0; i < 12; i++) {
                candidates.get(i).available = i == left;
            }
            FakePool pool = pool(candidates);
            for (int i = 0; i < 50; i++) {
                assertThat(next(pool)).isSameAs(candidates.get(left));
            }
            candidates.get(left).available = false;
            assertThat(pool.pick(FakeRequest.any())).isNull();
        }
    }

    /** Both were in flight while the client paused: neither is slower than before, compared with the third. */
    @Test
    void pauseOfTheClient_leavesTheShares_andIsKnownToTheNextPicker() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(candidates);
        pool.figures.latencyP95Nanos = 20 * MILLI;
        candidates.forEach(candidate -> answer(pool, candidate, Outcome.SUCCESS, 10));
        pool.clockNanos.addAndGet(200 * MILLI);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 200);
        answer(pool, candidates.get(1), Outcome.SUCCESS, 190);
        int[] counts = new int[3];
        for (int i = 0; i < 300; i++) {
            FakeCandidate picked = next(pool);
            counts[candidates.indexOf(picked)]++;
            picked.inFlight.incrementAndGet();
        }
        assertThat(Arrays.stream(counts)).allMatch(count -> count >= 80 && count <= 130);

        // A witness of before the change of the list counts after it.
        answer(pool, candidates.get(2), Outcome.SUCCESS, 10);
        pool.update(candidates);
        pool.clockNanos.addAndGet(100 * MILLI);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 150);
        assertThat(pool.picker().explain(candidates.get(0), pool.clockNanos.get()))
                .contains("= 150 ms x");
    }

    @Test
    void explanation_hasTheFactors() {
        List<FakeCandidate> candidates = FakePool.ofWeights(2, 1);
        FakePool pool = pool(candidates);
        answer(pool, candidates.get(0), Outcome.SUCCESS, 8);
        candidates.get(0).withInFlight(2);
        assertThat(pool.picker().explain(candidates.get(0), pool.clockNanos.get()))
                .isEqualTo("load 12.0 = 8.00 ms x (2 in flight + 1) x 1.00 failures / weight 2.00");
    }
}
