package dev.evenkeel.lb.core.internal.strategy.latency;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tier's turns go on at the same candidate when the list changes; slow start; what is left of a full tier. */
class LatencyTierTurnsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long RENEWAL_NANOS = SECOND / 10;

    private final FakeCandidate a = candidate("a", 1, 5);
    private final FakeCandidate b = candidate("b", 1, 5);
    private final FakeCandidate c = candidate("c", 1, 5);
    private final FakeCandidate slow = candidate("slow", 2, 500);

    private static FakeCandidate candidate(String id, double weight, double millis) {
        FakeCandidate candidate = FakeCandidate.of(id, weight).withLatencyMillis(millis);
        candidate.latencySampleNanos = SECOND;
        return candidate;
    }

    private static FakePool pool(int seed, FakeCandidate... candidates) {
        return new FakePool(Strategies.latencyTiers(), seed, List.of(candidates));
    }

    private static FakeCandidate next(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        return requireNonNull(pool.pick(request));
    }

    private static List<FakeCandidate> next(FakePool pool, int picks) {
        return Stream.generate(() -> next(pool)).limit(picks).toList();
    }

    private static int[] counts(FakePool pool, int picks) {
        int[] counts = new int[pool.candidates().size()];
        next(pool, picks).forEach(picked -> counts[pool.candidates().indexOf(picked)]++);
        return counts;
    }

    private static void pickUntil(FakePool pool, FakeCandidate picked) {
        while (next(pool) != picked) {}
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void turnsGoOn_whenAFastOneAndASlowOneJoin(int seed) {
        FakePool pool = pool(seed, a, b, c, slow);
        pickUntil(pool, a);
        FakeCandidate joins = candidate("d", 1, 5);
        pool.update(List.of(joins, a, candidate("slow too", 1, 600), b, c, slow));
        assertThat(next(pool, 5)).containsExactly(b, c, joins, a, b);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void turnsGoOn_whenAFastOneAndASlowOneLeave(int seed) {
        FakePool pool = pool(seed, slow, a, b, c, candidate("slow too", 1, 600));
        pickUntil(pool, b);
        pool.update(List.of(slow, b, c));
        assertThat(next(pool, 3)).containsExactly(c, b, c);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void turnsGoOn_whenASlowOneBecomesFast_withAnotherWeight(int seed) {
        FakePool pool = pool(seed, slow, a, b, c, candidate("slow too", 1, 600));
        pickUntil(pool, a);
        slow.withLatencyMillis(5).weight = 1;
        pool.update(List.of(slow, a, b, c, candidate("slow again", 1, 600)));
        assertThat(next(pool, 5)).containsExactly(b, c, slow, a, b);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void turnsGoOn_whenAFastOneBecomesSlow_withAnotherWeight(int seed) {
        FakePool pool = pool(seed, a, b, c, slow);
        pickUntil(pool, b);
        a.withLatencyMillis(500).weight = 2;
        pool.update(List.of(a, b, c, slow));
        assertThat(next(pool, 3)).containsExactly(c, b, c);
    }

    /** By itself the quick newcomer would be a tier up to 51 ms. */
    @Test
    void quickNewcomer_isNoTierOfItsOwn() {
        a.withLatencyMillis(100);
        FakeCandidate newcomer = candidate("new", 0.25, 1);
        newcomer.inSlowStart = true;
        FakePool pool = pool(1, a, newcomer);
        assertThat(counts(pool, 1_000)).containsExactly(800, 200);
        assertThat(pool.picker().explain(a, 0)).isEqualTo("100.0 ms, tier up to 150.0 ms");
    }

    @Test
    void quickNewcomer_isStillOne_whenTheRampOfAnotherEnds() {
        a.withLatencyMillis(100);
        FakeCandidate newcomer = candidate("new", 0.25, 1);
        newcomer.inSlowStart = true;
        b.withLatencyMillis(100).weight = 0.5;
        b.inSlowStart = true;
        FakePool pool = pool(1, a, b, newcomer);
        b.weight = 1;
        b.inSlowStart = false;
        pool.update(List.of(a, b, newcomer));
        assertThat(pool.picker().explain(a, 0)).isEqualTo("100.0 ms, tier up to 150.0 ms");
    }

    @Test
    void fullTier_isFollowedByTheFastestLeft_alsoIfItIsTheFirst() {
        FakePool pool = pool(1, slow, a, candidate("slow too", 1, 900));
        a.available = false;
        assertThat(counts(pool, 200)).containsExactly(200, 0, 0);
        slow.available = false;
        assertThat(counts(pool, 200)).containsExactly(0, 0, 200);
    }

    @Test
    void noneIsAccepted_noneIsPicked() {
        FakePool pool = pool(1, slow, a);
        slow.available = false;
        a.available = false;
        assertThat(pool.pick(FakeRequest.any())).isNull();
    }

    /** The tier is up to 55 ms: an answer of a candidate at the bound is not a trial's. */
    @Test
    void fastAnswersOfAMember_doNotCountWhenItBecomesSlow() {
        b.withLatencyMillis(55);
        FakePool pool = pool(1, a, b);
        for (int i = 0; i < 3; i++) {
            pool.picker().completed(b, Outcome.SUCCESS, 5_000_000, pool.clockNanos.get());
        }
        b.withLatencyMillis(500);
        renew(pool, a, b);
        assertThat(counts(pool, 100)).containsExactly(100, 0);
    }

    private static void renew(FakePool pool, FakeCandidate... candidates) {
        pool.clockNanos.addAndGet(RENEWAL_NANOS);
        for (FakeCandidate candidate : candidates) {
            candidate.latencySampleNanos = pool.clockNanos.get();
        }
    }

    /** A trial whose call does not end: the next one is more than 10 s after it. */
    @Test
    void trialWithoutAnAnswer_isFollowedByTheNextAfter10Seconds() {
        FakePool pool = pool(1, a, slow);
        List<Integer> trials = new ArrayList<>();
        for (int tenths = 0; tenths < 310; tenths++) {
            if (next(pool, 3).contains(slow)) {
                trials.add(tenths);
            }
            pool.clockNanos.addAndGet(RENEWAL_NANOS);
        }
        assertThat(trials).containsExactly(101, 202, 303);
    }

    @Test
    void name_isTheDocuments() {
        assertThat(Strategies.latencyTiers().name()).isEqualTo("latencyTiers");
    }
}
