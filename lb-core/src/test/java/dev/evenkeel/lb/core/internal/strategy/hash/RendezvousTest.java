package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The owner of a hash, and who takes its calls when the owner has no room. */
final class RendezvousTest {
    private static final FakeRequest ANY = FakeRequest.any();

    private final List<FakeCandidate> candidates = FakePool.ofSize(3);

    private Rendezvous picker(double loadFactor) {
        return new Rendezvous(FakeContext.of(1, candidates), loadFactor);
    }

    /** A hash for which the candidates come in this order. */
    private long hash(int first, int second, int third) {
        Rendezvous picker = picker(0);
        Candidate a = candidates.get(first);
        Candidate b = candidates.get(second);
        return LongStream.iterate(1, hash -> XxHash64.mix(hash))
                .filter(hash -> picker.pick(ANY, hash) == a
                        && picker.pick(FakeRequest.any().afterTrying(a), hash) == b)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void equalWeights_theOwnerHasTheHighestHashOfKeyAndBackend() {
        Rendezvous picker = picker(0);
        new Random(2)
                .longs(1_000)
                .forEach(hash -> assertThat(picker.pick(ANY, hash))
                        .isSameAs(candidates.stream()
                                .max(Comparator.comparingLong(candidate -> XxHash64.mix(hash
                                                ^ XxHash64.hash(
                                                        candidate.backend().id(), 0))
                                        >>> 1))
                                .orElseThrow()));
    }

    /** The function maps 0 to 0, so this backend's number is the least there is, and its cost the highest. */
    @Test
    void hashThatIsABackendsSalt_goesToAnother() {
        long salt = XxHash64.hash(candidates.get(0).backend().id(), 0);
        assertThat(picker(0).pick(ANY, salt)).isNotSameAs(candidates.get(0)).isNotNull();
    }

    @Test
    void ownerWithoutRoom_passesTheCallOnToTheNextWithRoom_evenIfAnotherHasFewerCalls() {
        for (int[] order : new int[][] {{0, 1, 2}, {1, 0, 2}, {2, 1, 0}, {2, 0, 1}}) {
            candidates.get(order[0]).withInFlight(9);
            candidates.get(order[1]).withInFlight(1);
            candidates.get(order[2]).withInFlight(0);
            assertThat(picker(1).pick(ANY, hash(order[0], order[1], order[2])))
                    .as("4 slots each")
                    .isSameAs(candidates.get(order[1]));
        }
    }

    @Test
    void ownerWithRoom_takesTheCall() {
        for (int owner = 0; owner < 3; owner++) {
            candidates.forEach(candidate -> candidate.withInFlight(3));
            int next = (owner + 1) % 3;
            assertThat(picker(2).pick(ANY, hash(owner, next, 3 - owner - next))).isSameAs(candidates.get(owner));
        }
    }

    @Test
    void noCandidateAccepted_nothingIsPicked() {
        FakeRequest tried = FakeRequest.any().afterTrying(candidates.toArray(Candidate[]::new));
        assertThat(picker(0).pick(tried, 1)).isNull();
        assertThat(picker(1).pick(tried, 1)).isNull();
    }
}
