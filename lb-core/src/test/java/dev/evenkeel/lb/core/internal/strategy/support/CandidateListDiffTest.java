package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CandidateListDiffTest {

    private final Candidate[] abc = FakePool.ofSize(3).toArray(Candidate[]::new);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void randomChanges_everythingOfTheUnchangedIsCarriedOver(int seed) {
        Random random = new Random(seed);
        List<Candidate> before = new ArrayList<>();
        List<Candidate> after = new ArrayList<>();
        List<CandidateChange> changes = new ArrayList<>();
        List<Candidate> unchanged = new ArrayList<>();
        for (Candidate candidate : FakePool.ofSize(200)) {
            int fate = random.nextInt(20);
            if (fate == 0) {
                changes.add(new CandidateChange(candidate, 0, 1));
            } else if (fate == 1) {
                changes.add(new CandidateChange(candidate, 1, 0));
            } else if (fate == 2) {
                changes.add(new CandidateChange(candidate, 2, 1));
            } else {
                unchanged.add(candidate);
            }
            if (fate != 0) {
                before.add(candidate);
            }
            if (fate != 1) {
                after.add(candidate);
            }
        }
        Candidate[] old = before.toArray(Candidate[]::new);
        Candidate[] now = after.toArray(Candidate[]::new);

        CandidateListDiff takeover = CandidateListDiff.of(old, changes, now);

        assertThat(takeover.isKnown()).isTrue();
        Candidate[] carried = new Candidate[now.length];
        takeover.copy(old, carried);
        for (int i = 0; i < now.length; i++) {
            assertThat(carried[i]).isSameAs(unchanged.contains(now[i]) ? now[i] : null);
        }
        int[] changed = takeover.changed();
        for (int k = 0; k < changed.length; k++) {
            assertThat(carried[changed[k]]).isNull();
            assertThat(takeover.origin(k)).isEqualTo(before.indexOf(now[changed[k]]));
        }
        assertThat(changed).hasSize(now.length - unchanged.size());
        int[] moves = takeover.moves(old.length);
        for (int i = 0; i < old.length; i++) {
            assertThat(moves[i]).isEqualTo(unchanged.contains(old[i]) ? after.indexOf(old[i]) : -1);
            int next = i;
            while (next < old.length && moves[next] < 0) {
                next++;
            }
            assertThat(takeover.move(i)).isEqualTo(next < old.length ? moves[next] : 0);
        }
    }

    @Test
    void changesUnknown_allHaveChanged() {
        CandidateListDiff takeover = CandidateListDiff.of(abc, (List<CandidateChange>) null, abc);
        assertThat(takeover.isKnown()).isFalse();
        assertThat(takeover.changed()).containsExactly(0, 1, 2);
        Weights weights = takeover.weights(Weights.even(3, 7), 3, i -> abc[i].weight());
        assertThat(weights.toArray()).containsExactly(1, 1, 1);
    }

    @Test
    void changesOfOtherLists_allHaveChanged() {
        Candidate stranger = FakeCandidate.of("d");
        for (CandidateChange wrong : List.of(
                new CandidateChange(stranger, 1, 0),
                new CandidateChange(stranger, 0, 1),
                new CandidateChange(stranger, 1, 2),
                new CandidateChange(abc[1], 1, 0),
                new CandidateChange(abc[1], 0, 1))) {
            assertThat(CandidateListDiff.of(abc, List.of(wrong), abc).isKnown()).isFalse();
        }
    }

    @Test
    void keeps_looksAtTheUnchangedAlone() {
        Candidate[] ac = {abc[0], abc[2]};
        CandidateListDiff takeover = CandidateListDiff.of(abc, List.of(new CandidateChange(abc[1], 1, 0)), ac);
        assertThat(takeover.keeps(Weights.of(1, 5, 2), Weights.of(1, 2))).isTrue();
        assertThat(takeover.keeps(Weights.of(1, 5, 2), Weights.of(1, 3))).isFalse();
        assertThat(CandidateListDiff.none(ac).keeps(Weights.of(1, 5, 2), Weights.of(1, 2)))
                .isFalse();
        assertThat(Arrays.stream(takeover.changed())).isEmpty();
    }

    @Test
    void weights_theSameAsBefore_stayOneNumber() {
        Candidate[] ac = {abc[0], abc[2]};
        CandidateListDiff takeover = CandidateListDiff.of(ac, List.of(new CandidateChange(abc[1], 0, 1)), abc);
        Weights weights = takeover.weights(Weights.even(2, 1), 3, i -> abc[i].weight());
        assertThat(weights.areEven()).isTrue();
        assertThat(weights.toArray()).containsExactly(1, 1, 1);
    }

    @Test
    void weights_oneWithAnother_eachHasItsOwn() {
        Candidate[] ac = {abc[0], abc[2]};
        CandidateListDiff joined = CandidateListDiff.of(ac, List.of(new CandidateChange(abc[1], 0, 5)), abc);
        Weights uneven = joined.weights(Weights.even(2, 1), 3, i -> 5);
        assertThat(uneven.areEven()).isFalse();
        assertThat(uneven.toArray()).containsExactly(1, 5, 1);

        CandidateListDiff left = CandidateListDiff.of(abc, List.of(new CandidateChange(abc[1], 5, 0)), ac);
        Weights even = left.weights(uneven, 2, i -> 7);
        assertThat(even.areEven()).isTrue();
        assertThat(even.toArray()).containsExactly(1, 1);
    }
}
