package dev.evenkeel.lb.core.internal.strategy.load;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.ResourceBased;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When shares are renewed, when a second draw wins, and what slow start changes. */
class ReportedLoadPickerTest {
    private static final ResourceBased STRATEGY = Strategies.resourceBased().blackoutDuration(Duration.ZERO);
    private static final long RENEWAL_NANOS = 100_000_000;
    private static final int PICKS = 10_000;

    private static FakePool pool(List<FakeCandidate> candidates) {
        return new FakePool(STRATEGY, 7, candidates);
    }

    private static FakeCandidate next(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        return requireNonNull(pool.pick(request));
    }

    private static int[] counts(FakePool pool, int picks) {
        int[] counts = new int[pool.candidates().size()];
        for (int i = 0; i < picks; i++) {
            counts[pool.candidates().indexOf(next(pool))]++;
        }
        return counts;
    }

    private static void assertShare(FakePool pool, int index, double share) {
        double noise = 4 * Math.sqrt(share * (1 - share) * PICKS);
        assertThat((double) counts(pool, PICKS)[index]).isCloseTo(share * PICKS, within(noise));
    }

    private static void report(FakePool pool, FakeCandidate candidate, double qps) {
        LoadReport report = LoadReport.builder().qps(qps).cpuUtilization(0.5).build();
        pool.picker().reported(candidate, report, pool.clockNanos.get());
    }

    @Test
    void turns_goOnAfterAChangeOfTheList() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3);
        FakePool pool = pool(candidates);
        int[] counts = new int[3];
        for (int i = 0; i < 60; i++) {
            counts[candidates.indexOf(next(pool))]++;
            pool.update(candidates);
        }
        assertThat(counts).containsExactly(10, 20, 30);
    }

    @Test
    void candidateThatJoins_hasItsShareAtOnce() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3);
        FakePool pool = pool(candidates.subList(0, 2));
        pool.update(candidates);
        assertThat(counts(pool, 600)).containsExactly(100, 200, 300);
    }

    @Test
    void candidateThatJoins_withoutAReport_hasTheMeanOfTheReported() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(candidates.subList(0, 2));
        report(pool, candidates.get(0), 100);
        report(pool, candidates.get(1), 300);
        pool.clockNanos.addAndGet(RENEWAL_NANOS);
        assertThat(counts(pool, 400)).containsExactly(100, 300);
        pool.update(candidates);
        assertThat(counts(pool, 600)).containsExactly(100, 300, 200);
    }

    @Test
    void reports_countWithTheNextRenewal_whichAChangeOfTheListDoesNotDelay() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(candidates.subList(0, 2));
        report(pool, candidates.get(0), 100);
        report(pool, candidates.get(1), 300);
        pool.clockNanos.addAndGet(RENEWAL_NANOS - 1);
        pool.update(candidates);
        assertThat(counts(pool, 300)).as("before").containsExactly(100, 100, 100);
        pool.clockNanos.addAndGet(1);
        assertThat(counts(pool, 600)).as("after").containsExactly(100, 300, 200);
    }

    @Test
    void listInAnotherOrder_isLookedAtAsAWhole() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(candidates);
        report(pool, candidates.get(0), 100);
        report(pool, candidates.get(1), 300);
        List<FakeCandidate> reversed = new ArrayList<>(candidates);
        Collections.reverse(reversed);
        pool.update(reversed);
        assertThat(counts(pool, 400)).containsExactly(300, 100);
    }

    /** With three calls in flight the heavy one costs 4 / 10, the light one 1 / 1; with 20 it costs 21 / 10. */
    @Test
    void secondDraw_winsOnlyIfItCostsLess() {
        List<FakeCandidate> candidates = FakePool.ofWeights(10, 1);
        FakePool pool = pool(candidates);
        candidates.get(0).withInFlight(3);
        assertThat(counts(pool, 1_100)).containsExactly(1_000, 100);
        candidates.get(0).withInFlight(9);
        assertThat(counts(pool, 1_100)).as("as much").containsExactly(1_000, 100);
        candidates.get(0).withInFlight(20);
        assertShare(pool, 1, 1.0 / 11 + 10.0 / 11 * 1.0 / 11);
    }

    @Test
    void secondDraw_winsOnlyWithFewerCallsInFlight() {
        List<FakeCandidate> candidates = FakePool.ofWeights(10, 1);
        candidates.forEach(candidate -> candidate.withInFlight(2));
        assertThat(counts(pool(candidates), 1_100)).containsExactly(1_000, 100);
    }

    @Test
    void secondDraw_thatIsNotAccepted_leavesTheFirst() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).withInFlight(5);
        candidates.get(1).available = false;
        assertThat(counts(pool(candidates), 100)).containsExactly(100, 0);
    }

    /** Two of weight 1, of which the first is busy, and one that has reached a half: it has a fifth of the turns. */
    private static List<FakeCandidate> withNewcomer(int busyCalls) {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.get(0).withInFlight(busyCalls);
        candidates.get(2).weight = 0.5;
        candidates.get(2).inSlowStart = true;
        return candidates;
    }

    /** The idle one of the two has 2/5 of the busy one's turns. */
    @Test
    void newcomer_hasItsTurnsAlone_whileTheRestCompareEachOther() {
        FakePool pool = pool(withNewcomer(5));
        assertThat(counts(pool, PICKS)[2]).isEqualTo(PICKS / 5);
        assertShare(pool, 0, 0.4 * 0.6);
    }

    /** Of a call and the new one it may have 2 · (1 + 2 / 5); of five and the new one 2 · (1 + 6 / 5). */
    @ParameterizedTest
    @CsvSource({"0, 0, 0.2", "1, 0, 0.2", "5, 0, 0.04", "0, 0.3, 0.04"})
    void newcomer_losesItsTurn_onlyByCallsOrFailuresBeyondItsShare(int calls, double failureRate, double share) {
        List<FakeCandidate> candidates = withNewcomer(0);
        candidates.get(2).withInFlight(calls).failureRate = failureRate;
        assertShare(pool(candidates), 2, share);
    }

    @Test
    void newcomersFailures_sayLessInAPoolThatIsSlowAsAWhole() {
        List<FakeCandidate> candidates = withNewcomer(0);
        candidates.get(2).failureRate = 0.3;
        FakePool pool = pool(candidates);
        pool.figures.calmness = 0.1;
        assertThat(counts(pool, PICKS)[2]).isEqualTo(PICKS / 5);
    }

    @Test
    void newcomer_isStillOne_whenTheRampOfAnotherEnds() {
        List<FakeCandidate> candidates = new ArrayList<>(withNewcomer(5));
        candidates.get(1).weight = 0.5;
        candidates.get(1).inSlowStart = true;
        FakePool pool = pool(candidates);
        candidates.get(1).weight = 1;
        candidates.get(1).inSlowStart = false;
        pool.update(candidates);
        assertThat(counts(pool, PICKS)[2]).isEqualTo(PICKS / 5);
    }

    @Test
    void reportWithoutARate_leavesTheWeight() {
        List<FakeCandidate> candidates = FakePool.ofSize(1);
        FakePool pool = pool(candidates);
        report(pool, candidates.get(0), 100);
        report(pool, candidates.get(0), 0);
        assertThat(pool.picker().explain(candidates.get(0), pool.clockNanos.get()))
                .isEqualTo("weight 200.0 by load reports");
    }

    @Test
    void errorOfTheVirtualMachine_inTheUsersUtilization_isNotCaught() {
        List<FakeCandidate> candidates = FakePool.ofSize(1);
        ResourceBased strategy = STRATEGY.utilization(report -> {
            throw new InternalError("of the test");
        });
        FakePool pool = new FakePool(strategy, 7, candidates);
        assertThatThrownBy(() -> report(pool, candidates.get(0), 100))
                .isInstanceOf(InternalError.class)
                .hasMessage("of the test");
    }
}
