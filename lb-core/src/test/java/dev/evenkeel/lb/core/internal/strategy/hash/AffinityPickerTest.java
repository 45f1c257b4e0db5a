package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AffinityPickerTest {

    private static AffinityPicker picker(double loadFactor, List<FakeCandidate> candidates) {
        return new Rendezvous(FakeContext.of(1, candidates), loadFactor);
    }

    /** The text's hash code by Java's specification, times the odd number next to 2^64 / golden ratio, mixed. */
    @ParameterizedTest
    @CsvSource({
        "user-1, e69e8008faded7ac",
        "Hello, 7ef2b0038695c4c4",
        "polygenelubricants, 6685fb021300368f",
    })
    void hashOfAKey_isTheSameInEveryClient(String key, String expected) {
        assertThat(AffinityPicker.hash(key)).isEqualTo(Long.parseUnsignedLong(expected, 16));
    }

    /** The hash as a part of 2^64, times 8. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "1fffffffffffffff, 0",
        "2000000000000000, 1",
        "8000000000000000, 4",
        "ffffffffffffffff, 7",
    })
    void searchThroughAll_beginsAtThePartOfTheHash(String hash, int start) {
        assertThat(picker(0, FakePool.ofSize(8)).start(Long.parseUnsignedLong(hash, 16)))
                .isEqualTo(start);
    }

    /** 2 · (7 + 1) slots, of which 3/4 are 12. */
    @Test
    void boundedLoad_explainsCallsInFlightAndSlots() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        candidates.get(0).withInFlight(2);
        candidates.get(1).withInFlight(5);
        AffinityPicker picker = picker(2, candidates);
        assertThat(picker.explain(candidates.get(0), 0)).isEqualTo("2 in flight of 4 slots");
        assertThat(picker.explain(candidates.get(1), 0)).isEqualTo("5 in flight of 12 slots");
    }

    @Test
    void boundedLoad_explanationLeavesOutWhatIsNotAvailable() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).withInFlight(2).available = false;
        candidates.get(1).withInFlight(5);
        assertThat(picker(2, candidates).explain(candidates.get(1), 0)).isEqualTo("5 in flight of 12 slots");
    }

    @Test
    void noBound_orNoCandidate_hasNoExplanation() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        assertThat(picker(0, candidates).explain(candidates.get(0), 0)).isEmpty();
        assertThat(picker(2, candidates).explain(FakeCandidate.of("left"), 0)).isEmpty();
    }

    @Test
    void requestsWithoutAKey_goOnInTurnAfterAChangeOfWeights() {
        for (int seed = 0; seed < 8; seed++) {
            List<FakeCandidate> candidates = FakePool.ofSize(9);
            FakePool pool = new FakePool(Strategies.consistentHash().rendezvous(), seed, candidates);
            int first = candidates.indexOf(pool.pick(FakeRequest.any()));
            pool.update(candidates);
            assertThat(candidates.indexOf(pool.pick(FakeRequest.any()))).isEqualTo((first + 1) % 9);
        }
    }
}
