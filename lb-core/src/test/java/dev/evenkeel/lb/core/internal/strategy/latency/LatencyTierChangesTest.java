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
import org.junit.jupiter.api.Test;

/** The tier follows changes of the list at once, before its next renewal. The clock stands. */
final class LatencyTierChangesTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<FakeCandidate> list = new ArrayList<>();

    private FakeCandidate candidate(String id, double weight, double millis) {
        FakeCandidate candidate = FakeCandidate.of(id, weight).withLatencyMillis(millis);
        candidate.latencySampleNanos = SECOND;
        return candidate;
    }

    private FakePool pool(FakeCandidate... candidates) {
        list.addAll(List.of(candidates));
        return new FakePool(Strategies.latencyTiers(), 1, list);
    }

    private void update(FakePool pool, FakeCandidate... candidates) {
        list.clear();
        list.addAll(List.of(candidates));
        pool.update(list);
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

    @Test
    void fastOneJoins_aPoolThatIsOneTier_andIsInIt() {
        FakeCandidate one = candidate("b0", 1, 5);
        FakePool pool = pool(one);
        update(pool, one, candidate("b1", 3, 5));
        assertThat(count(pool, 400)).containsExactly(100, 300);
    }

    @Test
    void slowOneJoins_aPoolThatIsOneTier_andIsNot() {
        FakeCandidate one = candidate("b0", 1, 5);
        FakeCandidate other = candidate("b1", 2, 5);
        FakePool pool = pool(one, other);
        update(pool, one, candidate("slow", 1, 500), other);
        assertThat(count(pool, 300)).containsExactly(100, 0, 200);
    }

    @Test
    void changesInAPoolWithASlowOne_keepItOut_andTheOthersByWeight() {
        FakeCandidate one = candidate("b0", 1, 5);
        FakeCandidate slow = candidate("slow", 1, 500);
        FakeCandidate other = candidate("b1", 1, 6);
        FakePool pool = pool(one, slow, other);
        assertThat(count(pool, 100)).containsExactly(50, 0, 50);

        FakeCandidate joins = candidate("b2", 2, 7);
        update(pool, one, slow, other, joins);
        assertThat(count(pool, 400)).containsExactly(100, 0, 100, 200);

        FakeCandidate slowToo = candidate("slow too", 1, 600);
        update(pool, one, slow, other, joins, slowToo);
        assertThat(count(pool, 400)).containsExactly(100, 0, 100, 200, 0);

        one.weight = 5;
        update(pool, one, slow, other, joins, slowToo);
        assertThat(count(pool, 800)).containsExactly(500, 0, 100, 200, 0);

        update(pool, slow, other, joins, slowToo);
        assertThat(count(pool, 300)).containsExactly(0, 100, 200, 0);

        update(pool, slow, slowToo);
        assertThat(count(pool, 100))
                .as("no fast one is left, so all are a tier")
                .containsExactly(50, 50);
    }

    @Test
    void answerOfAMember_orAnError_isNoTrial() {
        FakeCandidate fast = candidate("b0", 1, 5);
        FakeCandidate slow = candidate("slow", 1, 500);
        FakePool pool = pool(fast, slow);
        for (Outcome noAnswer : List.of(Outcome.SERVER_ERROR, Outcome.NEVER_SENT, Outcome.CANCELLED)) {
            for (int i = 0; i < 5; i++) {
                pool.picker().completed(slow, noAnswer, 1_000_000, pool.clockNanos.get());
            }
        }
        renew(pool);
        assertThat(count(pool, 100)).containsExactly(100, 0);

        answer(pool, slow, Outcome.SUCCESS, 55);
        answer(pool, slow, Outcome.SUCCESS, 55);
        answer(pool, slow, Outcome.TIMED_OUT, 55);
        answer(pool, slow, Outcome.SUCCESS, 55);
        renew(pool);
        assertThat(count(pool, 100)).as("a timeout begins anew").containsExactly(100, 0);

        answer(pool, slow, Outcome.SUCCESS, 55);
        answer(pool, slow, Outcome.SUCCESS, 55);
        renew(pool);
        assertThat(count(pool, 100)).as("three answers at the tier's bound").containsExactly(50, 50);

        answer(pool, slow, Outcome.SUCCESS, 56);
        renew(pool);
        assertThat(count(pool, 100)).as("one beyond it").containsExactly(100, 0);
    }

    private static void answer(FakePool pool, FakeCandidate candidate, Outcome outcome, long millis) {
        pool.picker().completed(candidate, outcome, millis * 1_000_000, pool.clockNanos.get());
    }

    private void renew(FakePool pool) {
        pool.clockNanos.addAndGet(SECOND / 10);
        list.forEach(candidate -> candidate.latencySampleNanos = pool.clockNanos.get());
        count(pool, 1);
    }

    @Test
    void tierThatIsFull_isFollowedByAllWithinTheSensitivityOfTheFastestLeft() {
        FakeCandidate full = candidate("b0", 1, 5);
        FakeCandidate one = candidate("b1", 1, 500);
        FakeCandidate atTheBound = candidate("b2", 1, 550);
        FakeCandidate beyond = candidate("b3", 1, 551);
        FakePool pool = pool(full, one, atTheBound, beyond);
        full.available = false;
        int[] counts = count(pool, 1_000);
        assertThat(counts[0]).isZero();
        assertThat(counts[1]).isBetween(400, 600);
        assertThat(counts[2]).isBetween(400, 600);
        assertThat(counts[3]).isZero();
    }
}
