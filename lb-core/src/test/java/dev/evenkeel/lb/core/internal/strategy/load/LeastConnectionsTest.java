package dev.evenkeel.lb.core.internal.strategy.load;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Candidates of even weights: the one with the fewest calls, in turns or at random among equals. */
class LeastConnectionsTest {
    private static final int PICKS = 12_000;

    private static FakePool pool(List<FakeCandidate> candidates) {
        return new FakePool(LeastConnections.PLAIN, 5, candidates);
    }

    private static int next(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        return pool.candidates().indexOf(requireNonNull(pool.pick(request)));
    }

    private static List<Integer> next(FakePool pool, int picks) {
        return IntStream.range(0, picks).mapToObj(i -> next(pool)).toList();
    }

    private static int[] counts(FakePool pool) {
        int[] counts = new int[pool.candidates().size()];
        next(pool, PICKS).forEach(index -> counts[index]++);
        return counts;
    }

    /** Four standard deviations of the number of picks. */
    private static double noise(double share) {
        return 4 * Math.sqrt(share * (1 - share) * PICKS);
    }

    private static void assertShares(FakePool pool, double... shares) {
        int[] counts = counts(pool);
        for (int i = 0; i < shares.length; i++) {
            assertThat((double) counts[i]).as("b" + i).isCloseTo(shares[i] * PICKS, within(noise(shares[i])));
        }
    }

    private static void fail(FakePool pool, FakeCandidate candidate) {
        pool.picker().completed(candidate, Outcome.SERVER_ERROR, 1, pool.clockNanos.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 63})
    void fewestCalls_arePicked_fromUpTo64(int least) {
        List<FakeCandidate> candidates = FakePool.ofSize(64);
        candidates.forEach(candidate -> candidate.withInFlight(2));
        candidates.get(least).withInFlight(1);
        FakePool pool = pool(candidates);
        assertThat(next(pool, 20)).containsOnly(least);
        candidates.get(least).withInFlight(3);
        assertThat(next(pool, 20)).doesNotContain(least);
    }

    /** The idle one wins whenever it is drawn: in 8 of 80 picks. All weights are 0.5, since the pool ramps as a whole. */
    @ParameterizedTest
    @ValueSource(ints = {0, 40, 79})
    void fewestCalls_arePicked_ofEightRandomOnesOfMore(int idle) {
        List<FakeCandidate> candidates =
                FakePool.ofWeights(IntStream.range(0, 80).mapToDouble(i -> 0.5).toArray());
        candidates.forEach(candidate -> candidate.withInFlight(1));
        candidates.get(idle).withInFlight(0);
        assertThat((double) counts(pool(candidates))[idle]).isCloseTo(0.1 * PICKS, within(noise(0.1)));
    }

    @Test
    void oneThatIsLeft_isFound_alsoInALongList() {
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        candidates.forEach(candidate -> candidate.available = false);
        candidates.get(70).available = true;
        FakePool pool = pool(candidates);
        assertThat(next(pool, 50)).containsOnly(70);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64, 65})
    void noneIsAccepted_noneIsPicked(int size) {
        List<FakeCandidate> candidates = FakePool.ofSize(size);
        candidates.forEach(candidate -> candidate.available = false);
        assertThat(pool(candidates).pick(FakeRequest.any())).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void equalOnes_takeTurns_idleOrBusy(int inFlight) {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        candidates.forEach(candidate -> candidate.withInFlight(inFlight));
        FakePool pool = pool(candidates);
        int first = next(pool);
        assertThat(next(pool, 10))
                .isEqualTo(IntStream.rangeClosed(1, 10)
                        .mapToObj(i -> (first + i) % 5)
                        .toList());
    }

    @Test
    void equalOnes_takeTurnsWithoutOneThatIsOut() {
        List<FakeCandidate> candidates = FakePool.ofSize(4);
        candidates.get(1).available = false;
        List<Integer> picked = next(pool(candidates), 12);
        assertThat(picked.subList(picked.indexOf(0), picked.indexOf(0) + 9)).containsExactly(0, 2, 3, 0, 2, 3, 0, 2, 3);
    }

    @Test
    void turns_goOnAfterAChangeOfTheList() {
        List<FakeCandidate> candidates = FakePool.ofSize(8);
        FakePool pool = pool(candidates.subList(0, 7));
        while (next(pool) != 3) {}
        pool.update(candidates);
        assertThat(next(pool, 5)).containsExactly(4, 5, 6, 7, 0);
    }

    @Test
    void firstTurns_ofSeveralClients_areNotTheSame() {
        List<Integer> firstPicks = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            firstPicks.add(next(new FakePool(LeastConnections.PLAIN, seed, FakePool.ofSize(4))));
        }
        assertThat(firstPicks).contains(0, 1, 2, 3);
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "3, 1", "3, 2", "6, 3"})
    void equalOnesBesideABusyOne_areDrawnAtRandom(int size, int busy) {
        List<FakeCandidate> candidates = FakePool.ofSize(size);
        candidates.get(busy).withInFlight(1);
        double each = 1.0 / (size - 1);
        double[] shares = new double[size];
        for (int i = 0; i < size; i++) {
            shares[i] = i == busy ? 0 : each;
        }
        assertShares(pool(candidates), shares);

        List<Integer> picked = next(pool(candidates), PICKS);
        long repeated = IntStream.range(1, PICKS)
                .filter(i -> picked.get(i).equals(picked.get(i - 1)))
                .count();
        assertThat((double) repeated).as("not in turns").isCloseTo(each * PICKS, within(noise(each)));
    }

    @Test
    void busyOneInItsTurn_doesNotFavourTheNext() {
        List<Integer> picks = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            List<FakeCandidate> candidates = FakePool.ofSize(3);
            FakePool pool = new FakePool(LeastConnections.PLAIN, seed, candidates);
            while (next(pool) != 2) {}
            candidates.get(0).withInFlight(1);
            picks.add(next(pool));
        }
        assertThat(picks).contains(1, 2).doesNotContain(0);
    }

    /** One failure at once costs a factor of 4: as much as three calls in flight. */
    @Test
    void fastFailures_multiplyTheCallsAndTheNewOne() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        fail(pool, candidates.get(0));
        candidates.get(1).withInFlight(2);
        assertThat(next(pool, 20)).containsOnly(1);
        candidates.get(1).withInFlight(4);
        assertThat(next(pool, 20)).containsOnly(0);
        candidates.get(0).withInFlight(1);
        assertThat(next(pool, 20)).as("(1 + 1) x 4, and 4 + 1").containsOnly(1);
    }

    @Test
    void fastFailures_countInALongList() {
        List<FakeCandidate> candidates = FakePool.ofSize(80);
        FakePool pool = pool(candidates);
        candidates.subList(1, 80).forEach(candidate -> candidate.withInFlight(2));
        fail(pool, candidates.get(0));
        assertThat(next(pool, 200)).doesNotContain(0);
    }

    @Test
    void lateFailures_doNotCount() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        pool.figures.latencyNanos = 1_000;
        pool.picker().completed(candidates.get(0), Outcome.SERVER_ERROR, 1_001, pool.clockNanos.get());
        candidates.get(1).withInFlight(1);
        assertThat(next(pool)).isZero();
    }

    @Test
    void fastFailures_areKnownAfterAChangeOfTheList() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(candidates.subList(0, 2));
        fail(pool, candidates.get(0));
        candidates.get(1).withInFlight(2);
        candidates.get(2).withInFlight(2);
        pool.update(candidates);
        assertThat(next(pool, 20)).containsOnly(1, 2);
        candidates.get(1).withInFlight(4);
        candidates.get(2).withInFlight(4);
        assertThat(next(pool, 20)).containsOnly(0);
    }

    /** Clients whose turns all stopped at the failing one would go on in step. */
    @Test
    void turns_goOnAfterTheLatestPick_thatAFailingIdleOneHasLost() {
        for (int seed = 0; seed < 20; seed++) {
            List<FakeCandidate> candidates = FakePool.ofSize(4);
            FakePool pool = new FakePool(LeastConnections.PLAIN, seed, candidates);
            fail(pool, candidates.get(0));
            int latest = next(pool, 7).get(6);
            assertThat(latest).isNotZero();
            FastFailurePenalty.of(candidates.get(0)).forgetFailures();
            assertThat(next(pool)).isEqualTo((latest + 1) % 4);
        }
    }

    @Test
    void configuredWeights_doNotCount() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 7, 100);
        assertThat(counts(pool(candidates))).containsExactly(PICKS / 3, PICKS / 3, PICKS / 3);
    }
}
