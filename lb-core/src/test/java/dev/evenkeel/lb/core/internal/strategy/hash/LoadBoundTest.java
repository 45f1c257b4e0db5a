package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadBoundTest {
    private static final FakeRequest ANY = FakeRequest.any();

    private static LoadBound bound(double factor, List<FakeCandidate> candidates) {
        return LoadBound.of(factor, candidates.toArray(Candidate[]::new));
    }

    private static List<Integer> slots(LoadBound bound, FakeRequest request) {
        long accepted = bound.accepted(request);
        double all = bound.allSlots(accepted);
        return IntStream.range(0, bound.candidates.length)
                .mapToObj(i -> bound.slots(i, accepted, all))
                .toList();
    }

    /** Reads each candidate of a long list. */
    private static void readAll(LoadBound bound) {
        for (int i = 0; i < bound.candidates.length; i += RunningLoadBound.READ_AT_ONCE) {
            bound.accepted(ANY);
        }
    }

    @Test
    void slots_areDividedByWeight_andRoundedUp() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 1);
        candidates.get(0).withInFlight(3);
        candidates.get(2).withInFlight(4);
        assertThat(slots(bound(1.25, candidates), ANY)).containsExactly(3, 5, 3);
    }

    /** With slots that add up to the whole, a canary that stands at a bound of the sums gets one of its heavy neighbour's. */
    @Test
    void slotsOfHeavyCandidates_areNoneOfACanarys() {
        List<FakeCandidate> candidates = FakePool.ofWeights(99, 1, 99);
        candidates.get(0).withInFlight(1);
        candidates.get(2).withInFlight(1);
        assertThat(slots(bound(1.25, candidates), ANY)).containsExactly(2, 1, 2);
    }

    @Test
    void slots_ofAnyLoad_addUpToTheFactor() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3, 0.5);
        LoadBound bound = bound(1.25, candidates);
        for (int calls = 0; calls < 1_000; calls++) {
            candidates.get(calls % 4).inFlight.incrementAndGet();
            assertThat(slots(bound, ANY).stream().mapToInt(n -> n).sum())
                    .isGreaterThanOrEqualTo((int) Math.ceil(1.25 * (calls + 2)));
        }
        assertThat(slots(bound, ANY).get(2)).isBetween(576, 578);
    }

    @Test
    void eachCandidate_hasASlot() {
        assertThat(slots(bound(1, FakePool.ofWeights(1, 1_000)), ANY)).containsExactly(1, 1);
    }

    @Test
    void candidateThatIsNotAccepted_countsOnNeitherSide() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.get(0).withInFlight(30);
        LoadBound bound = bound(1, candidates);
        FakeRequest retry = FakeRequest.any().afterTrying(candidates.get(0));
        assertThat(slots(bound, retry).subList(1, 3)).containsExactly(1, 1);
        candidates.get(1).withInFlight(9);
        assertThat(slots(bound, retry).subList(1, 3)).containsExactly(5, 5);
        assertThat(slots(bound, ANY)).containsExactly(14, 14, 14);
    }

    @Test
    void candidateWithAsManyCallsAsSlots_hasNoRoom_andAnIdleOneAlwaysHas() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).withInFlight(4);
        candidates.get(1).withInFlight(5);
        LoadBound bound = bound(1, candidates);
        long accepted = bound.accepted(ANY);
        assertThat(bound.hasRoom(0, accepted, 10)).isTrue();
        assertThat(bound.hasRoom(1, accepted, 10)).isFalse();
        candidates.get(0).withInFlight(0);
        assertThat(bound.hasRoom(0, accepted, 0)).isTrue();
    }

    @Test
    void leastLoaded_isByWeight_amongTheAccepted_andAmongEqualsTheFirstFromTheStart() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 4, 2);
        candidates.get(0).withInFlight(1);
        candidates.get(1).withInFlight(3);
        candidates.get(2).withInFlight(2);
        LoadBound bound = bound(1, candidates);
        assertThat(bound.leastLoaded(ANY, 0)).isSameAs(candidates.get(1));
        FakeRequest retry = FakeRequest.any().afterTrying(candidates.get(1));
        assertThat(bound.leastLoaded(retry, 0)).isSameAs(candidates.get(0));
        assertThat(bound.leastLoaded(retry, 1)).isSameAs(candidates.get(2));
        assertThat(bound.leastLoaded(FakeRequest.any().afterTrying(candidates.toArray(Candidate[]::new)), 0))
                .isNull();
    }

    // Beyond 64 candidates.

    @ParameterizedTest
    @ValueSource(ints = {64, 65, 1_000, 10_000})
    void longList_hasTheSameSlots_onceItIsRead(int n) {
        List<FakeCandidate> candidates = FakePool.ofSize(n);
        LoadBound bound = bound(1.5, candidates);
        assertThat(bound).isInstanceOf(n <= 64 ? ExactLoadBound.class : RunningLoadBound.class);
        candidates.forEach(candidate -> candidate.withInFlight(10));
        readAll(bound);
        assertThat(bound.inFlight(bound.accepted(ANY))).isEqualTo(10L * n);
        assertThat(slots(bound, ANY)).as("15 n + 2 divided by n").containsOnly(16);
    }

    @Test
    void longList_isReadBitByBit_andWhatIsComparedAtOnce() {
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        LoadBound bound = bound(1, candidates);
        candidates.forEach(candidate -> candidate.withInFlight(1));
        assertThat(bound.inFlight(bound.accepted(ANY))).isEqualTo(32);
        assertThat(bound.inFlight(bound.accepted(ANY))).isEqualTo(64);
        bound.slots(99, 0, 1);
        assertThat(bound.inFlight(0)).isEqualTo(65);
        bound.accepted(ANY);
        bound.accepted(ANY);
        assertThat(bound.inFlight(0)).isEqualTo(100);
    }

    @Test
    void longList_leavesOutWhatIsNotAvailable_untilItIsAgain() {
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        candidates.forEach(candidate -> candidate.withInFlight(2));
        candidates.subList(0, 50).forEach(candidate -> candidate.available = false);
        LoadBound bound = bound(1, candidates);
        assertThat(bound.inFlight(0)).isEqualTo(100);
        assertThat(slots(bound, ANY).subList(50, 100)).allMatch(slots -> slots == 2 || slots == 3);
        candidates.forEach(candidate -> candidate.available = true);
        readAll(bound);
        assertThat(bound.inFlight(0)).isEqualTo(200);
        candidates.forEach(candidate -> candidate.available = false);
        readAll(bound);
        assertThat(bound.inFlight(0)).isZero();
        assertThat(slots(bound, ANY)).allMatch(slots -> slots >= 1);
    }

    @Test
    void longList_leavesOutWhatBecomesUnavailable() {
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        candidates.forEach(candidate -> candidate.withInFlight(2));
        LoadBound bound = bound(1, candidates);
        candidates.subList(0, 50).forEach(candidate -> candidate.available = false);
        readAll(bound);
        assertThat(slots(bound, ANY).subList(50, 100)).as("101 among 50").allMatch(slots -> slots == 2 || slots == 3);
    }

    @Test
    void weightsWhoseSumIsInfinite_shareTheSlots() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1e308, 1.5e308, 0.5e308);
        candidates.get(0).withInFlight(5);
        assertThat(slots(bound(1, candidates), ANY)).containsExactly(2, 3, 1);
    }

    @Test
    void factorOf1And1000_areTaken() {
        assertThat(LoadBound.check(1)).isEqualTo(1);
        assertThat(LoadBound.check(1_000)).isEqualTo(1_000);
    }

    @Test
    void factorBelow1_isRefused() {
        assertThatThrownBy(() -> LoadBound.check(0.9))
                .hasMessageStartingWith("bounded load factor must be 1..1000: 0.9");
        assertThat(LoadBound.check(1.25)).isEqualTo(1.25);
    }
}
