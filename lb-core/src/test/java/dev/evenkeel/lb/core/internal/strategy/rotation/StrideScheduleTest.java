package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.junit.jupiter.api.Test;

/**
 * Turns calculated by hand: a slot is taken when its progress and its part of the unit carry into the next whole number.
 * Without randomness n candidates begin with a progress of (n - 1)/n, 0, 1/n, 2/n, … in this order.
 */
final class StrideScheduleTest {
    private final List<FakeCandidate> all = FakePool.ofSize(4);

    /** Says positions in the order, one after the other, and otherwise nothing but 0. */
    private static final class Positions extends Random {
        private static final long serialVersionUID = 1;
        private final double[] positions;
        private final int start;
        private int next;

        Positions(int start, double... positions) {
            this.start = start;
            this.positions = positions;
        }

        @Override
        protected int next(int bits) {
            return 0;
        }

        /** The order is shuffled before the positions are drawn, and the start is drawn after them. */
        @Override
        public int nextInt(int bound) {
            return next == positions.length ? start : 0;
        }

        @Override
        public double nextDouble() {
            return positions[next++];
        }
    }

    private Candidate[] list(int... which) {
        return Arrays.stream(which).mapToObj(all::get).toArray(Candidate[]::new);
    }

    private StrideSchedule schedule(Random random, double... weights) {
        Candidate[] candidates = all.subList(0, weights.length).toArray(Candidate[]::new);
        return StrideSchedule.of(candidates, weights, random, null, CandidateListDiff.none(candidates));
    }

    /**
     * 0 at 0, 1 at 0.3 and 2 at 0.6, of the weights 1, 0.5 and 0.75 and the progress 2/3, 0 and 1/3. After three picks 1 is
     * next.
     */
    private StrideSchedule afterThreePicks() {
        StrideSchedule schedule = schedule(new Positions(0, 0, 0.3, 0.6), 1, 0.5, 0.75);
        assertThat(turns(schedule, 3)).isEqualTo("020");
        return schedule;
    }

    private CandidateListDiff diff(Candidate[] before, Candidate[] after, int which, double from, double to) {
        return CandidateListDiff.of(before, List.of(new CandidateChange(all.get(which), from, to)), after);
    }

    private static String turns(StrideSchedule schedule, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.valueOf(schedule.next()))
                .collect(Collectors.joining());
    }

    @Test
    void candidateOfHalfTheLargestWeight_isTakenEachOtherRound() {
        assertThat(turns(schedule(new Positions(0, 0, 0), 1, 0.5), 9)).isEqualTo("001001001");
    }

    @Test
    void onlyCandidate_isAlwaysTaken() {
        StrideSchedule schedule = schedule(new Positions(0, 0), 0.3);
        assertThat(turns(schedule, 5)).isEqualTo("00000");
        assertThat(schedule.turnsTaken())
                .as("1 - 2^-64 does not carry in the first turn")
                .isEqualTo(6);
    }

    @Test
    void rounds_goByPosition() {
        assertThat(turns(schedule(new Positions(0, 0, 0.3, 0.6), 1, 0.5, 0.75), 9))
                .isEqualTo("020102012");
        assertThat(turns(schedule(new Positions(0, 0.6, 0.3, 0), 1, 0.5, 0.75), 9))
                .isEqualTo("201020210");
    }

    @Test
    void firstSchedule_beginsAtARandomTurn() {
        StrideSchedule schedule = schedule(new Positions(2, 0, 0.3, 0.6), 1, 0.5, 0.75);
        assertThat(turns(schedule, 8)).isEqualTo("20102012");
    }

    /**
     * The mean of 5, 1, 1, 1 is 2, so the first one has three slots of 5/6 each. They begin with a third of 3/4, and
     * one and two thirds more: of its six turns in two rounds only the first in the second round is not taken.
     */
    @Test
    void candidateAboveTheMean_hasSeveralSlotsInARound() {
        StrideSchedule schedule = schedule(new Positions(0, 0, 0, 0, 0), 5, 1, 1, 1);
        assertThat(turns(schedule, 8)).isEqualTo("00012300");
        assertThat(schedule.turnsTaken()).isEqualTo(12);
    }

    @Test
    void slotsOfACandidate_areSpreadOverTheRound() {
        StrideSchedule schedule = schedule(new Positions(0, 0.1, 0, 0.2, 0.5), 5, 1, 1, 1);
        assertThat(turns(schedule, 8)).as("1, 0, 2, 0, 3, 0 by their positions").isEqualTo("00012030");
    }

    /** 2 has the progress 0.08 after its turn in this round, and a quarter of the unit from now on. */
    @Test
    void weightChanges_progressAndOtherTurnsStay() {
        StrideSchedule schedule = StrideSchedule.of(
                list(0, 1, 2),
                new double[] {1, 0.5, 0.25},
                new Positions(0),
                afterThreePicks(),
                diff(list(0, 1, 2), list(0, 1, 2), 2, 0.75, 0.25));
        assertThat(turns(schedule, 7)).isEqualTo("1001020");
    }

    @Test
    void unknownChanges_progressAndOtherTurnsStayToo() {
        StrideSchedule schedule = StrideSchedule.of(
                list(0, 1, 2),
                new double[] {1, 0.5, 0.25},
                new Positions(0),
                afterThreePicks(),
                CandidateListDiff.none(list(0, 1, 2)));
        assertThat(turns(schedule, 7)).isEqualTo("1001020");
    }

    /** At 0.5, between 1 and 2, with no progress yet. */
    @Test
    void candidateJoins_atARandomPosition() {
        StrideSchedule schedule = StrideSchedule.of(
                list(0, 1, 2, 3),
                new double[] {1, 0.5, 0.75, 0.5},
                new Positions(0, 0.5),
                afterThreePicks(),
                diff(list(0, 1, 2), list(0, 1, 2, 3), 3, 0, 0.5));
        assertThat(turns(schedule, 11)).isEqualTo("10320120320");
    }

    /** At 0.2, after 0 at 0, which was the last slot of a round that begins at 0.3. */
    @Test
    void candidateJoins_atTheEndOfTheRound() {
        StrideSchedule schedule = StrideSchedule.of(
                list(0, 1, 2, 3),
                new double[] {1, 0.5, 0.75, 0.5},
                new Positions(0, 0.2),
                afterThreePicks(),
                diff(list(0, 1, 2), list(0, 1, 2, 3), 3, 0, 0.5));
        assertThat(turns(schedule, 11)).isEqualTo("10203120203");
    }

    /** The next one was 1, then comes 2, which has 0.08 + 0.75 only. */
    @Test
    void candidateLeaves_theRestGoesOn() {
        StrideSchedule schedule = StrideSchedule.of(
                list(0, 2),
                new double[] {1, 0.75},
                new Positions(0),
                afterThreePicks(),
                diff(list(0, 1, 2), list(0, 2), 1, 0.5, 0));
        assertThat(turns(schedule, 7)).isEqualTo("0101010");
    }

    @Test
    void allWeightsTimesTen_changeNothing() {
        StrideSchedule schedule = StrideSchedule.of(
                list(0, 1, 2),
                new double[] {10, 5, 7.5},
                new Positions(0),
                afterThreePicks(),
                CandidateListDiff.none(list(0, 1, 2)));
        assertThat(turns(schedule, 7)).isEqualTo("1020120");
        assertThat(schedule.turnsTaken())
                .as("10 is the new unit, and has one turn a round")
                .isEqualTo(9);
    }

    /** Sums of three progresses are divided over the slots that a candidate has from now on. */
    @Test
    void candidateThatGetsHeavierAndLighter_hasItsShareAllTheTime() {
        Random random = new Random(9);
        StrideSchedule schedule = schedule(random, 1, 0.5, 0.75);
        double[] counts = new double[3];
        double[] ideal = new double[3];
        double[] weights = {1, 0.5, 0.75};
        for (int step = 0; step < 2_000; step++) {
            double before = weights[0];
            weights = new double[] {step % 2 == 0 ? 20 : 1 + step % 7, 0.5, 0.75};
            schedule = StrideSchedule.of(
                    list(0, 1, 2),
                    weights,
                    random,
                    schedule,
                    diff(list(0, 1, 2), list(0, 1, 2), 0, before, weights[0]));
            for (int i = 0; i < 30; i++) {
                counts[schedule.next()]++;
                for (int k = 0; k < 3; k++) {
                    ideal[k] += weights[k] / (weights[0] + 1.25);
                }
            }
        }
        for (int k = 0; k < 3; k++) {
            assertThat(counts[k]).isCloseTo(ideal[k], within(ideal[k] * 0.02));
        }
    }
}
