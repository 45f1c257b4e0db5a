package dev.evenkeel.lb.core.internal.strategy.rotation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The k-th of w turns is at (k + phase) / w of the cycle. */
final class SpacedScheduleTest {
    private final List<FakeCandidate> all = FakePool.ofSize(4);

    /** Says a phase each, from the first one on, and always the first turn or a given one. */
    private static final class Phases extends Random {
        private static final long serialVersionUID = 1;
        private final double[] phases;
        private final int start;
        private int next;

        Phases(int start, double... phases) {
            this.phases = phases;
            this.start = start;
        }

        @Override
        public float nextFloat() {
            return (float) phases[next++];
        }

        @Override
        public int nextInt(int bound) {
            return start % bound;
        }
    }

    private Candidate[] first(int n) {
        return all.subList(0, n).toArray(Candidate[]::new);
    }

    private @Nullable SpacedSchedule schedule(Random random, double... weights) {
        Candidate[] candidates = first(weights.length);
        return SpacedSchedule.of(candidates, weights, random, null, CandidateListDiff.none(candidates));
    }

    private @Nullable SpacedSchedule inPhase(double... weights) {
        return schedule(new Phases(0, new double[weights.length]), weights);
    }

    private CandidateChange change(int candidate, double before, double after) {
        return new CandidateChange(all.get(candidate), before, after);
    }

    private static String turns(@Nullable SpacedSchedule schedule, int count) {
        requireNonNull(schedule);
        return IntStream.range(0, count)
                .mapToObj(i -> String.valueOf(schedule.next()))
                .collect(Collectors.joining());
    }

    private static int[] counts(@Nullable SpacedSchedule schedule, int candidates, int turns) {
        int[] counts = new int[candidates];
        for (int i = 0; i < turns; i++) {
            counts[requireNonNull(schedule).next()]++;
        }
        return counts;
    }

    /** 0 at 0 and 1/2; 1 at 0, 1/3 and 2/3. */
    @Test
    void turnsOfACandidate_areSpacedEvenly() {
        assertThat(turns(inPhase(2, 3), 10)).isEqualTo("0110101101");
    }

    /** 0 at 1/4 and 3/4; 1 at 0.9/3, 1.9/3 and 2.9/3. */
    @Test
    void phase_movesAllTurnsOfACandidate() {
        assertThat(turns(schedule(new Phases(0, 0.5, 0.9), 2, 3), 5)).isEqualTo("01101");
    }

    @Test
    void firstSchedule_beginsAtARandomTurn() {
        assertThat(turns(schedule(new Phases(3, 0, 0), 2, 3), 5)).isEqualTo("01011");
        assertThat(turns(schedule(new Phases(9, 0, 0), 2, 3), 1)).as("9 mod 5").isEqualTo("1");
    }

    @Test
    void weightsWithACommonDivisor_haveTheShortCycle() {
        assertThat(turns(inPhase(20, 30), 5)).isEqualTo("01101");
        assertThat(counts(inPhase(12, 18, 30), 3, 10)).containsExactly(2, 3, 5);
    }

    @Test
    void weightsThatAreNotWhole_haveNoCycle() {
        assertThat(inPhase(1, 0.5)).isNull();
        assertThat(inPhase(1, 2.5)).isNull();
        assertThat(inPhase(0x1p31, 0x1p32)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "65535, 1, true",
        "65536, 1, false",
        "131070, 2, true",
        "131072, 2, false",
        "2147483647, 2147483647, true"
    })
    void cycleOfMoreThan65536Turns_isNotMade(double heavy, double light, boolean made) {
        assertThat(inPhase(heavy, light) != null).isEqualTo(made);
    }

    @Test
    void longCycle_givesEachItsWeight() {
        assertThat(counts(schedule(new Random(3), 60_000, 5_000, 7, 529), 4, 65_536))
                .containsExactly(60_000, 5_000, 7, 529);
    }

    /** 0 at 0 and 1/2, 1 at 0.1, 0.43 and 0.77 and then at 0.3: the turn of 0 at 1/2 is the next one in both cycles. */
    @Test
    void weightChanges_otherTurnsStayAndTheCycleContinues() {
        SpacedSchedule before = schedule(new Phases(0, 0, 0.3), 2, 3);
        assertThat(turns(before, 3)).isEqualTo("011");
        CandidateListDiff diff = CandidateListDiff.of(first(2), List.of(change(1, 3, 1)), first(2));
        SpacedSchedule after = SpacedSchedule.of(first(2), new double[] {2, 1}, new Phases(0), before, diff);
        assertThat(turns(after, 6)).isEqualTo("001001");
    }

    /** 0 at 0, 0.33 and 0.67; 1 at 0.3 and 0.8, and then at 0.6. */
    @Test
    void weightChanges_theCandidateKeepsItsPhase() {
        SpacedSchedule before = schedule(new Phases(0, 0, 0.6), 3, 2);
        assertThat(turns(before, 5)).isEqualTo("01001");
        CandidateListDiff diff = CandidateListDiff.of(first(2), List.of(change(1, 2, 1)), first(2));
        SpacedSchedule after = SpacedSchedule.of(first(2), new double[] {3, 1}, new Phases(0), before, diff);
        assertThat(turns(after, 4)).isEqualTo("0010");
    }

    /** 0 at 0, 0.33 and 0.67; 2 at 0.3 and 0.8; then 1, between them in the list, at 0.4. */
    @Test
    void candidateJoins_itsTurnsComeBetweenTheRest_atARandomPhase() {
        Candidate[] two = {all.get(0), all.get(2)};
        SpacedSchedule before =
                SpacedSchedule.of(two, new double[] {3, 2}, new Phases(0, 0, 0.6), null, CandidateListDiff.none(two));
        assertThat(turns(before, 1)).isEqualTo("0");
        CandidateListDiff diff = CandidateListDiff.of(two, List.of(change(1, 0, 1)), first(3));
        SpacedSchedule after = SpacedSchedule.of(first(3), new double[] {3, 1, 2}, new Phases(0, 0.4), before, diff);
        assertThat(turns(after, 6)).isEqualTo("201020");
    }

    /** 0 at 0 and 1/2, 1 at 0.1, 2 at 0.3 and 0.8. The turn of 1, which was the next, is over. */
    @Test
    void candidateLeaves_theNextTurnIsThatAfterIts() {
        SpacedSchedule before = schedule(new Phases(0, 0, 0.1, 0.6), 2, 1, 2);
        assertThat(turns(before, 1)).isEqualTo("0");
        Candidate[] two = {all.get(0), all.get(2)};
        CandidateListDiff diff = CandidateListDiff.of(first(3), List.of(change(1, 1, 0)), two);
        SpacedSchedule after = SpacedSchedule.of(two, new double[] {2, 2}, new Phases(0), before, diff);
        assertThat(turns(after, 5)).isEqualTo("10101");
    }

    /**
     * 0 at 0 and 0.5, 1 at 0.2, 0.53 and 0.87. Then 0 at 0, 0.25, 0.5 and 0.75, and 1 at 0.09, 0.23, 0.37, 0.51, 0.66, 0.8
     * and 0.94.
     */
    @Test
    void weightChangesToNoMultipleOfTheUnit_theCycleIsMadeAnew_andContinuesAtTheSamePlace() {
        SpacedSchedule before = schedule(new Phases(0, 0, 0.6), 20, 30);
        assertThat(turns(before, 1)).isEqualTo("0");
        CandidateListDiff diff = CandidateListDiff.of(first(2), List.of(change(1, 30, 35)), first(2));
        SpacedSchedule after = SpacedSchedule.of(first(2), new double[] {20, 35}, new Phases(0), before, diff);
        assertThat(turns(after, 11)).isEqualTo("10101101101");
    }

    /** 0 at 0, 0.33 and 0.67; 1 at 0.3, which is the next one, and 0.8; then 2 at 0.4. */
    @Test
    void unknownChanges_keepPhases_andContinueAtTheSamePlace() {
        SpacedSchedule before = schedule(new Phases(0, 0, 0.6), 3, 2);
        assertThat(turns(before, 1)).isEqualTo("0");
        SpacedSchedule after = SpacedSchedule.of(
                first(3), new double[] {3, 2, 1}, new Phases(0, 0.4), before, CandidateListDiff.none(first(3)));
        assertThat(turns(after, 6)).isEqualTo("102010");
    }

    @Test
    void changedCycleOfMoreThan65536Turns_isMadeAnewWithALargerUnit() {
        SpacedSchedule before = inPhase(60_000, 1);
        CandidateListDiff diff = CandidateListDiff.of(first(2), List.of(change(1, 1, 10_000)), first(2));
        SpacedSchedule after = SpacedSchedule.of(first(2), new double[] {60_000, 10_000}, new Phases(0), before, diff);
        assertThat(counts(after, 2, 7)).containsExactly(6, 1);
    }

    @Test
    void changedCycleOfMoreThan65536Turns_thatCannotBeShorter_isNotMade() {
        SpacedSchedule before = inPhase(60_000, 1);
        CandidateListDiff diff = CandidateListDiff.of(first(2), List.of(change(1, 1, 65_537)), first(2));
        assertThat(SpacedSchedule.of(first(2), new double[] {60_000, 65_537}, new Phases(0), before, diff))
                .isNull();
    }

    @Test
    void changedCycleOf65536Turns_isMade() {
        SpacedSchedule before = inPhase(60_000, 1);
        CandidateListDiff diff = CandidateListDiff.of(first(2), List.of(change(1, 1, 5_536)), first(2));
        SpacedSchedule after = SpacedSchedule.of(first(2), new double[] {60_000, 5_536}, new Phases(0), before, diff);
        assertThat(counts(after, 2, 65_536)).containsExactly(60_000, 5_536);
    }

    @Test
    void randomChanges_leaveACycleOfExactShares() {
        Random random = new Random(6);
        double[] weights = {30, 50, 70, 90};
        SpacedSchedule schedule = schedule(random, weights);
        for (int step = 0; step < 200; step++) {
            int changed = random.nextInt(4);
            double before = weights[changed];
            weights = weights.clone();
            weights[changed] = 10 * (1 + random.nextInt(20));
            List<CandidateChange> changes = List.of(change(changed, before, weights[changed]));
            schedule = SpacedSchedule.of(
                    first(4), weights, random, schedule, CandidateListDiff.of(first(4), changes, first(4)));
            int[] shares =
                    Arrays.stream(weights).mapToInt(weight -> (int) weight / 10).toArray();
            assertThat(counts(schedule, 4, Arrays.stream(shares).sum())).containsExactly(shares);
        }
    }
}
