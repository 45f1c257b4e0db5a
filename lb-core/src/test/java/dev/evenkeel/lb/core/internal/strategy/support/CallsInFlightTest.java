package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The calls in flight of a whole list, and the one that is being picked for. */
class CallsInFlightTest {
    private static final int ESTIMATES = 10_000;

    private static CallsInFlight of(List<FakeCandidate> candidates) {
        return new CallsInFlight(candidates.toArray(Candidate[]::new), new Random(11));
    }

    @Test
    void fewCandidates_areAddedUp() {
        List<FakeCandidate> candidates = FakePool.ofSize(64);
        CallsInFlight inFlight = of(candidates);
        assertThat(inFlight.ofAll()).as("the new call alone").isEqualTo(1);
        candidates.get(0).withInFlight(2);
        candidates.get(63).withInFlight(5);
        assertThat(inFlight.ofAll()).isEqualTo(8);
    }

    @Test
    void manyCandidates_thatHaveAsManyEach_areEstimatedExactly() {
        List<FakeCandidate> candidates = FakePool.ofSize(65);
        candidates.forEach(candidate -> candidate.withInFlight(3));
        assertThat(of(candidates).ofAll()).isEqualTo(65 * 3 + 1);
    }

    /** One of 80 has all 80 calls: it is among the 8 of a sample in a tenth of the estimates, which then are 801. */
    @Test
    void manyCandidates_ofWhichOneHasAllCalls_areEstimatedRightOnAverage() {
        for (int busy : new int[] {0, 40, 79}) {
            List<FakeCandidate> candidates = FakePool.ofSize(80);
            candidates.get(busy).withInFlight(80);
            CallsInFlight inFlight = of(candidates);
            double sum = 0;
            for (int i = 0; i < ESTIMATES; i++) {
                double estimate = inFlight.ofAll();
                assertThat(estimate).isIn(1.0, 801.0);
                sum += estimate;
            }
            double fourDeviations = 4 * 800 * Math.sqrt(0.1 * 0.9 / ESTIMATES);
            assertThat(sum / ESTIMATES).isCloseTo(81, within(fourDeviations));
        }
    }
}
