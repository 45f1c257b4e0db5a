package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.List;
import java.util.Random;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which part of its keys a candidate takes at which part of its configured weight. */
final class HashWeightsTest {
    private static final int HASHES = 40_000;

    private static HashWeights of(List<FakeCandidate> candidates) {
        Candidate[] array = candidates.toArray(Candidate[]::new);
        return HashWeights.of(array, null, CandidateListDiff.none(array));
    }

    private static double part(LongPredicate admitted) {
        return new Random(1).longs(HASHES).filter(admitted).count() / (double) HASHES;
    }

    private static double admitted(HashWeights weights, int candidate) {
        return part(hash -> weights.admits(candidate, hash));
    }

    @Test
    void configuredWeights_admitAllKeys() {
        HashWeights weights = of(FakePool.ofWeights(1, 4));
        assertThat(weights.base.toArray()).containsExactly(1, 4);
        assertThat(admitted(weights, 0)).isEqualTo(1);
        assertThat(admitted(weights, 1)).isEqualTo(1);
    }

    @Test
    void reducedWeight_admitsItsPartOfTheKeys() {
        List<FakeCandidate> candidates = FakePool.ofWeights(4, 8, 2);
        candidates.get(1).weight = 2.4;
        HashWeights weights = of(candidates);
        assertThat(weights.base.toArray()).containsExactly(4, 8, 2);
        assertThat(weights.effective.toArray()).containsExactly(4, 2.4, 2);
        assertThat(admitted(weights, 0)).isEqualTo(1);
        assertThat(admitted(weights, 1)).isCloseTo(0.3, within(0.01));
        assertThat(admitted(weights, 2)).isEqualTo(1);
    }

    @Test
    void allWeightsReduced_theLeastReducedOneTakesAllItsKeys() {
        List<FakeCandidate> candidates = FakePool.ofWeights(4, 4, 4);
        candidates.get(0).weight = 2;
        candidates.get(1).weight = 1;
        candidates.get(2).weight = 2;
        HashWeights weights = of(candidates);
        assertThat(admitted(weights, 0)).isEqualTo(1);
        assertThat(admitted(weights, 1)).isCloseTo(0.5, within(0.01));
    }

    /** Otherwise the keys that one passes on would all be passed on by the other one, too. */
    @Test
    void twoReducedWeights_admitKeysIndependentlyOfEachOther() {
        List<FakeCandidate> candidates = FakePool.ofWeights(2, 2, 2);
        candidates.get(0).weight = 1;
        candidates.get(1).weight = 1;
        HashWeights weights = of(candidates);
        assertThat(part(hash -> weights.admits(0, hash) && weights.admits(1, hash)))
                .isCloseTo(0.25, within(0.01));
    }

    @Test
    void moreWeight_admitsTheSameKeysAndMore() {
        List<FakeCandidate> candidates = FakePool.ofWeights(10, 10);
        candidates.get(1).weight = 3;
        HashWeights before = of(candidates);
        candidates.get(1).weight = 7;
        HashWeights after = of(candidates);
        assertThat(part(hash -> before.admits(1, hash) && !after.admits(1, hash)))
                .isZero();
        assertThat(part(hash -> !before.admits(1, hash) && after.admits(1, hash)))
                .isCloseTo(0.4, within(0.01));
    }

    /** The weights 2 and 8 admit 2 + 8 · part of 10, and 1 and 7 admit 1 + 1 of 8, which is a quarter. */
    @ParameterizedTest
    @CsvSource({"2, 8, 0.4, false", "2, 8, 0.6, true", "1, 7, 1, true", "1, 7, 0.99, false"})
    void lessThanAQuarterAdmitted_theEffectiveWeightsAreTheBase(
            double first, double second, double reduced, boolean configured) {
        List<FakeCandidate> candidates = FakePool.ofWeights(first, second);
        candidates.get(1).weight = reduced;
        HashWeights weights = of(candidates);
        assertThat(weights.base.toArray()).containsExactly(first, configured ? second : reduced);
        assertThat(admitted(weights, 1) == 1).isEqualTo(!configured);
    }

    @Test
    void weightAboveTheConfiguredOne_isRoundedUpInTheBase() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1);
        candidates.get(0).weight = 2.5;
        HashWeights weights = of(candidates);
        assertThat(weights.base.toArray()).containsExactly(3, 1);
        assertThat(admitted(weights, 0)).isCloseTo(2.5 / 3, within(0.01));
    }

    @Test
    void anotherCandidateChanges_theReducedOneStillAdmitsItsPart() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 1);
        candidates.get(1).weight = 0.5;
        HashWeights before = of(candidates);
        Candidate[] two = {candidates.get(0), candidates.get(1)};
        List<CandidateChange> changes = List.of(new CandidateChange(candidates.get(2), 1, 0));
        HashWeights after =
                HashWeights.of(two, before, CandidateListDiff.of(candidates.toArray(Candidate[]::new), changes, two));
        assertThat(after.base.toArray()).containsExactly(1, 1);
        assertThat(admitted(after, 1)).isCloseTo(0.5, within(0.01));
    }
}
