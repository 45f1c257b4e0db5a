package dev.evenkeel.lb.core.internal.strategy.slowstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The limit is 2 · (1 + calls in flight with the new one · weight / all weights). */
final class ShareOfCallsTest {

    private static ShareOfCalls shares(List<FakeCandidate> candidates) {
        double[] weights =
                candidates.stream().mapToDouble(FakeCandidate::weight).toArray();
        return new ShareOfCalls(candidates.toArray(FakeCandidate[]::new), Weights.of(weights), new Random(1));
    }

    /** The limit is 2 · (1 + 1 · 1/2) = 3. */
    @Test
    void idlePool_aCallThatCostsLessThanTheLimit_hasRoom() {
        ShareOfCalls shares = shares(FakePool.ofSize(2));
        assertThat(shares.hasRoom(0, 1)).isTrue();
        assertThat(shares.hasRoom(0, 2.9)).isTrue();
        assertThat(shares.hasRoom(0, 3)).isFalse();
    }

    /** Of 12 calls 1/4 are 3, so the limit is 8; 12 are 11 in flight and the new one. */
    @Test
    void busyPool_twiceTheShareByWeight_isTheLimit() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        candidates.get(0).withInFlight(6);
        candidates.get(1).withInFlight(5);
        assertThat(shares(candidates).hasRoom(0, 1)).isTrue();
        candidates.get(0).withInFlight(7);
        candidates.get(1).withInFlight(4);
        assertThat(shares(candidates).hasRoom(0, 1)).isFalse();
    }

    /** Of 12 calls 3/4 are 9, so the limit is 20. */
    @Test
    void heavierCandidate_hasALargerShare() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        candidates.get(0).withInFlight(1);
        candidates.get(1).withInFlight(10);
        assertThat(shares(candidates).hasRoom(1, 1.8)).isTrue();
        assertThat(shares(candidates).hasRoom(1, 1.9)).isFalse();
    }

    /** 4 calls of a third of the cost are 1.33 calls. */
    @Test
    void costBelowOne_allowsMoreCalls() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1_000);
        candidates.get(0).withInFlight(3);
        assertThat(shares(candidates).hasRoom(0, 1 / 3.0)).isTrue();
        assertThat(shares(candidates).hasRoom(0, 1)).isFalse();
    }
}
