package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of ids, sorted anew or carried on by the changes. */
final class SortedCandidatesTest {

    private static Candidate[] sorted(List<? extends Candidate> candidates) {
        List<Candidate> sorted = new ArrayList<>(candidates);
        sorted.sort(Comparator.comparing(candidate -> candidate.backend().id()));
        return sorted.toArray(Candidate[]::new);
    }

    private static SortedCandidates after(
            Candidate[] before, List<? extends Candidate> candidates, List<CandidateChange> changes) {
        FakeContext first = FakeContext.of(1, candidates);
        return SortedCandidates.of(
                new FakeContext(first.candidates(), null, changes, first.random(), first.timeSource(), first.figures()),
                before);
    }

    private static CandidateChange joins(Candidate candidate) {
        return new CandidateChange(candidate, 0, candidate.weight());
    }

    private static CandidateChange leaves(Candidate candidate) {
        return new CandidateChange(candidate, candidate.weight(), 0);
    }

    /** By the changes alone: the weights of the unchanged ones are copied, those of the changed ones are asked for. */
    private static Weights weights(SortedCandidates sorted, Weights before) {
        return sorted.takeover().weights(before, sorted.candidates().length, i -> sorted.candidates()[i].weight());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void changes_leadToWhatSortingGives(long seed) {
        Random random = new Random(seed);
        List<FakeCandidate> present = new ArrayList<>(FakePool.ofSize(30));
        Collections.shuffle(present, random);
        List<FakeCandidate> out = new ArrayList<>();
        Candidate[] sorted = sorted(present);
        Weights weights = Weights.of(sorted.length, i -> 1);
        for (int round = 0; round < 200; round++) {
            List<CandidateChange> changes = new ArrayList<>();
            for (int k = random.nextInt(4); k >= 0; k--) {
                if (random.nextBoolean() && present.size() > changes.size() + 1) {
                    FakeCandidate gone = present.remove(random.nextInt(present.size()));
                    if (changes.stream().noneMatch(change -> change.candidate() == gone)) {
                        changes.add(leaves(gone));
                        out.add(gone);
                    } else {
                        present.add(gone);
                    }
                } else if (!out.isEmpty()) {
                    FakeCandidate back = out.remove(random.nextInt(out.size()));
                    if (changes.stream().noneMatch(change -> change.candidate() == back)) {
                        back.weight = 1 + random.nextInt(3);
                        present.add(random.nextInt(present.size() + 1), back);
                        changes.add(joins(back));
                    } else {
                        out.add(back);
                    }
                }
            }
            FakeCandidate heavier = present.get(random.nextInt(present.size()));
            if (changes.stream().noneMatch(change -> change.candidate() == heavier)) {
                double before = heavier.weight;
                heavier.weight = before + 1;
                changes.add(new CandidateChange(heavier, before, heavier.weight));
            }

            SortedCandidates next = after(sorted, present, changes);

            assertThat(next.candidates()).containsExactly(sorted(present));
            assertThat(next.takeover().isKnown()).isTrue();
            weights = weights(next, weights);
            sorted = next.candidates();
            assertThat(weights.toArray())
                    .containsExactly(present.stream()
                            .sorted(Comparator.comparing(
                                    candidate -> candidate.backend().id()))
                            .mapToDouble(FakeCandidate::weight)
                            .toArray());
        }
    }

    @Test
    void anotherWithTheSameId_takesThePlaceOfTheOneThatLeaves() {
        List<FakeCandidate> before = FakePool.ofSize(3);
        FakeCandidate again = FakeCandidate.of("b1");
        List<FakeCandidate> now = List.of(before.get(0), again, before.get(2));

        assertThat(after(sorted(before), now, List.of(leaves(before.get(1)), joins(again)))
                        .candidates())
                .containsExactly(before.get(0), again, before.get(2));
        assertThat(after(sorted(before), now, List.of(joins(again), leaves(before.get(1))))
                        .candidates())
                .containsExactly(before.get(0), again, before.get(2));
    }

    @Test
    void changesThatDoNotFit_areLeftAlone() {
        List<FakeCandidate> before = FakePool.ofSize(3);
        List<FakeCandidate> now = List.of(before.get(2), before.get(0));

        SortedCandidates sorted = after(sorted(before), now, List.of());

        assertThat(sorted.candidates()).containsExactly(before.get(0), before.get(2));
        assertThat(sorted.takeover().isKnown()).isFalse();
        assertThat(after(sorted(now), before, List.of()).candidates()).containsExactly(sorted(before));
        assertThat(after(sorted(now), before, List.of(joins(before.get(1)), joins(before.get(1))))
                        .candidates())
                .containsExactly(sorted(before));
    }

    @Test
    void positions_ofTheSameIds_areNone() {
        Candidate[] some = sorted(FakePool.ofSize(20));

        assertThat(SortedCandidates.positions(some, some.clone())).isNull();
        assertThat(SortedCandidates.positions(some, sorted(FakePool.ofSize(20))))
                .isNull();
    }

    @Test
    void positions_areFoundById_andMinusOneOfTheMissing() {
        List<FakeCandidate> all = FakePool.ofSize(5);
        Candidate[] of = sorted(all.subList(0, 4));
        Candidate[] among = sorted(List.of(FakeCandidate.of("a"), all.get(1), all.get(3), FakeCandidate.of("b2")));

        assertThat(SortedCandidates.positions(of, among)).containsExactly(-1, 1, 2, 3);
        assertThat(SortedCandidates.positions(of, sorted(all.subList(4, 5)))).containsExactly(-1, -1, -1, -1);
        assertThat(SortedCandidates.positions(sorted(all.subList(0, 1)), sorted(all)))
                .containsExactly(0);
    }
}
