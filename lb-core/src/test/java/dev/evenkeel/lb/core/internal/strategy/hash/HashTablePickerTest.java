package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The search for a candidate when the owner of a key cannot take the call: 64 places, and then all in the order of ids. */
final class HashTablePickerTest {
    private static final FakeRequest ANY = FakeRequest.any();

    private static HashTablePicker picker(List<FakeCandidate> candidates, double loadFactor) {
        return new HashTablePicker(FakeContext.of(1, candidates), HashRing.Size.DEFAULT, loadFactor);
    }

    /** The owners of a hash's places, in the order of the search, as indexes into the sorted candidates. */
    private static int[] owners(HashTablePicker picker, long hash, int places) {
        KeyPlacement placement = picker.placement();
        return LongStream.iterate(placement.locate(hash), placement::next)
                .limit(places)
                .mapToInt(placement::owner)
                .toArray();
    }

    /** A hash whose first 64 places belong to none of these candidates. */
    private static long hashThatMisses(HashTablePicker picker, Candidate... missed) {
        Set<Candidate> set = Set.of(missed);
        return LongStream.iterate(1, XxHash64::mix)
                .filter(hash -> Arrays.stream(owners(picker, hash, 64))
                        .noneMatch(owner -> set.contains(picker.candidates[owner])))
                .findFirst()
                .orElseThrow();
    }

    private static FakeCandidate at(HashTablePicker picker, int index) {
        return (FakeCandidate) picker.candidates[Math.floorMod(index, picker.candidates.length)];
    }

    @Test
    void placesWithoutAnAcceptedOwner_areSkipped() {
        List<FakeCandidate> candidates = FakePool.ofSize(200);
        HashTablePicker picker = picker(candidates, 0);
        int[] owners = owners(picker, 7, 64);
        int last = owners[63];
        assertThat(Arrays.stream(owners).limit(63)).as("precondition").doesNotContain(last);
        Arrays.stream(owners).limit(63).forEach(owner -> at(picker, owner).available = false);
        assertThat(picker.pick(ANY, 7)).isSameAs(at(picker, last));
    }

    @Test
    void sixtyFourPlacesWithoutAnAcceptedOwner_theNextInTheOrderOfIdsTakesTheCall() {
        List<FakeCandidate> candidates = FakePool.ofSize(500);
        candidates.forEach(candidate -> candidate.available = false);
        HashTablePicker picker = picker(candidates, 0);
        FakeCandidate early = at(picker, 100);
        FakeCandidate late = at(picker, 400);
        early.available = true;
        late.available = true;
        LongStream.iterate(hashThatMisses(picker, early, late), XxHash64::mix)
                .limit(200)
                .filter(hash -> Arrays.stream(owners(picker, hash, 64)).noneMatch(o -> o == 100 || o == 400))
                .forEach(hash -> {
                    int start = picker.start(hash);
                    assertThat(picker.pick(ANY, hash)).isSameAs(start > 100 && start <= 400 ? late : early);
                });
    }

    @Test
    void onlyTheFirstOrLastInTheOrderOfIds_isFound() {
        List<FakeCandidate> candidates = FakePool.ofSize(500);
        candidates.forEach(candidate -> candidate.available = false);
        HashTablePicker picker = picker(candidates, 0);
        for (int index : new int[] {0, 499}) {
            at(picker, index).available = true;
            assertThat(picker.pick(ANY, hashThatMisses(picker, at(picker, index))))
                    .isSameAs(at(picker, index));
            at(picker, index).available = false;
        }
    }

    @Test
    void noCandidateAccepted_nothingIsPicked() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        candidates.forEach(candidate -> candidate.available = false);
        assertThat(picker(candidates, 0).pick(ANY, 1)).isNull();
        assertThat(picker(candidates, 1.5).pick(ANY, 1)).isNull();
    }

    @Test
    void ownerWithoutRoom_passesTheCallOnToTheNextPlace() {
        List<FakeCandidate> candidates = FakePool.ofSize(10);
        HashTablePicker picker = picker(candidates, 1);
        for (long hash = 1; hash < 1_000_000_000_000L; hash *= 7) {
            int[] order = Arrays.stream(owners(picker, hash, 60)).distinct().toArray();
            candidates.forEach(candidate -> candidate.withInFlight(0));
            at(picker, order[0]).withInFlight(10);
            at(picker, order[1]).withInFlight(10);
            assertThat(picker.pick(ANY, hash)).as("3 slots each").isSameAs(at(picker, order[2]));
        }
    }

    /** All have 10 calls of about 9.8 slots, except one with 5 and one with 0. */
    @Test
    void sixtyFourPlacesWithoutRoom_theNextWithRoomInTheOrderOfIdsTakesTheCall() {
        List<FakeCandidate> candidates = FakePool.ofSize(60);
        HashTablePicker picker = picker(candidates, 1);
        for (int some = 0; some < 60; some += 7) {
            candidates.forEach(candidate -> candidate.withInFlight(10));
            FakeCandidate first = at(picker, some).withInFlight(5);
            FakeCandidate second = at(picker, some + 30).withInFlight(0);
            long hash = LongStream.iterate(hashThatMisses(picker, first, second), XxHash64::mix)
                    .filter(candidate -> Arrays.stream(owners(picker, candidate, 128))
                            .noneMatch(owner -> at(picker, owner) == first || at(picker, owner) == second))
                    .findFirst()
                    .orElseThrow();
            int start = picker.start(hash);
            int toFirst = Math.floorMod(candidateIndex(picker, first) - start, 60);
            int toSecond = Math.floorMod(candidateIndex(picker, second) - start, 60);
            assertThat(picker.pick(ANY, hash)).isSameAs(toFirst < toSecond ? first : second);
        }
    }

    private static int candidateIndex(HashTablePicker picker, Candidate candidate) {
        return Arrays.asList(picker.candidates).indexOf(candidate);
    }

    /** A long list's sum lags behind: it knows 32 of 100 candidates with 5 calls each, so each seems to have 2 slots. */
    @Test
    void noCandidateSeemsToHaveRoom_theLeastLoadedTakesTheCall() {
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        HashTablePicker picker = picker(candidates, 1);
        candidates.forEach(candidate -> candidate.withInFlight(5));
        candidates.get(70).withInFlight(4);
        assertThat(picker.pick(ANY, 1)).isSameAs(candidates.get(70));
    }

    @Test
    void otherIds_orAnotherLayout_makeAnotherPlacement() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        HashTablePicker before = picker(candidates, 0);
        assertThat(successor(before, candidates, HashRing.Size.DEFAULT).placement())
                .isSameAs(before.placement());
        assertThat(successor(before, candidates, HashRing.Size.of(1, 8)).placement())
                .isNotSameAs(before.placement());
        List<FakeCandidate> others =
                IntStream.range(1, 4).mapToObj(i -> FakeCandidate.of("b" + i)).toList();
        assertThat(successor(before, others, HashRing.Size.DEFAULT).placement()).isNotSameAs(before.placement());
        List<FakeCandidate> heavier = FakePool.ofWeights(1, 1, 2);
        assertThat(successor(before, heavier, HashRing.Size.DEFAULT).placement())
                .isNotSameAs(before.placement());
    }

    private static HashTablePicker successor(
            HashTablePicker before, List<FakeCandidate> candidates, KeyPlacement.Layout layout) {
        FakeContext seeded = FakeContext.of(1, candidates);
        return new HashTablePicker(
                new FakeContext(
                        seeded.candidates(), before, null, seeded.random(), seeded.timeSource(), seeded.figures()),
                layout,
                0);
    }

    @Test
    void owners_areAllCandidates() {
        HashTablePicker picker = picker(FakePool.ofSize(5), 0);
        Set<Integer> met = new HashSet<>();
        LongStream.iterate(1, XxHash64::mix).limit(100).forEach(hash -> met.add(owners(picker, hash, 1)[0]));
        assertThat(met).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }
}
