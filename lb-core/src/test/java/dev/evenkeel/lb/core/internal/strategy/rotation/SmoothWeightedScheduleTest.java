package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SmoothWeightedScheduleTest {
    private static final Random ZERO = new Random() {
        @Override
        protected int next(int bits) {
            return 0;
        }
    };

    @Test
    void cycle_isThatOfNginx() {
        SmoothWeightedSchedule schedule = SmoothWeightedSchedule.of(new int[] {5, 1, 1}, ZERO, null);
        assertThat(IntStream.range(0, 7).map(i -> schedule.next()).toArray()).containsExactly(0, 0, 1, 0, 2, 0, 0);
    }

    @Test
    void weights_areReducedIfTheyAreWhole_andTheCycleIsShort() {
        assertThat(SmoothWeightedSchedule.reduced(new double[] {10, 4, 6})).containsExactly(5, 2, 3);
        assertThat(SmoothWeightedSchedule.reduced(new double[] {0.5, 1})).isNull();
        assertThat(SmoothWeightedSchedule.reduced(new double[] {1, SmoothWeightedSchedule.MAX_TURNS}))
                .isNull();
        assertThat(SmoothWeightedSchedule.reduced(new double[] {1, SmoothWeightedSchedule.MAX_TURNS - 1}))
                .isNotNull();
    }

    @Test
    void nextSchedule_beginsAtTheSamePartOfTheCycle() {
        SmoothWeightedSchedule first = SmoothWeightedSchedule.of(new int[] {1, 1}, ZERO, null);
        first.next();
        SmoothWeightedSchedule second = SmoothWeightedSchedule.of(new int[] {3, 1}, ZERO, first);
        assertThat(IntStream.range(0, 2).map(i -> second.next()).toArray())
                .as("0 0 1 0, from its half on")
                .containsExactly(1, 0);
    }

    /** A whole first cycle of a length, of which so many turns are taken. */
    private static SmoothWeightedSchedule afterTurns(int turns, int length) {
        SmoothWeightedSchedule schedule =
                SmoothWeightedSchedule.even(length, ZERO, null, CandidateListDiff.none(new Candidate[length]));
        IntStream.range(0, turns).forEach(i -> schedule.next());
        return schedule;
    }

    private static Random ofDouble(double value) {
        return new Random() {
            private static final long serialVersionUID = 1;

            @Override
            public double nextDouble() {
                return value;
            }
        };
    }

    /** The order of 1, 1, 2 is 2 0 1 2. */
    @Test
    void firstSchedule_beginsAtARandomTurn() {
        Random third = new Random() {
            private static final long serialVersionUID = 1;

            @Override
            public int nextInt(int bound) {
                return 2;
            }
        };
        assertThat(SmoothWeightedSchedule.of(new int[] {1, 1, 2}, third, null).next())
                .isEqualTo(1);
        assertThat(SmoothWeightedSchedule.even(7, third, null, CandidateListDiff.none(new Candidate[7]))
                        .next())
                .isEqualTo(2);
    }

    /** Half of a cycle of 5 is at the turn 2.5: the order of 4, 1 is 0 0 1 0 0. */
    @Test
    void nextSchedule_betweenTwoTurns_beginsAtOneOfThemAtRandom() {
        for (double[] drawnAndFirst : new double[][] {{0.49, 0}, {0.5, 1}, {0.51, 1}}) {
            SmoothWeightedSchedule next =
                    SmoothWeightedSchedule.of(new int[] {4, 1}, ofDouble(drawnAndFirst[0]), afterTurns(1, 2));
            assertThat(next.next()).isEqualTo((int) drawnAndFirst[1]);
        }
    }

    /** 3 of 4 turns are 6 of 8. */
    @Test
    void nextSchedule_atAWholeTurn_beginsThere() {
        SmoothWeightedSchedule next =
                SmoothWeightedSchedule.even(8, ofDouble(0), afterTurns(3, 4), CandidateListDiff.none(new Candidate[8]));
        assertThat(next.next()).isEqualTo(6);
    }

    @Test
    void evenSchedule_afterAKnownChange_continuesAtTheSameCandidate() {
        Candidate[] four = FakePool.ofSize(4).toArray(Candidate[]::new);
        Candidate[] three = {four[1], four[2], four[3]};
        CandidateListDiff diff = CandidateListDiff.of(four, List.of(new CandidateChange(four[0], 1, 0)), three);
        SmoothWeightedSchedule next = SmoothWeightedSchedule.even(3, ZERO, afterTurns(2, 4), diff);
        assertThat(three[next.next()]).isSameAs(four[2]);
    }

    /** Half of the order 0 0 1 0 is half of the order 0 1. */
    @Test
    void evenSchedule_afterAnUnevenOne_beginsAtTheSamePartOfTheCycle() {
        Candidate[] two = FakePool.ofSize(2).toArray(Candidate[]::new);
        CandidateListDiff diff = CandidateListDiff.of(two, List.of(new CandidateChange(two[0], 3, 1)), two);
        SmoothWeightedSchedule uneven = SmoothWeightedSchedule.of(new int[] {3, 1}, ZERO, null);
        uneven.next();
        uneven.next();
        assertThat(SmoothWeightedSchedule.even(2, ZERO, uneven, diff).next()).isEqualTo(1);
    }

    @Test
    void weights_areReducedUpToTheLargestWholeNumber() {
        assertThat(SmoothWeightedSchedule.reduced(new double[] {Integer.MAX_VALUE, Integer.MAX_VALUE}))
                .containsExactly(1, 1);
        assertThat(SmoothWeightedSchedule.reduced(new double[] {0x1p31, 0x1p31}))
                .isNull();
    }

    /** 2^20 steps are 1,048,576: a thousand candidates may have 1,048 turns. */
    @Test
    void cycleOfTooManySteps_isNotMade() {
        double[] weights = new double[1_000];
        Arrays.fill(weights, 1);
        weights[7] = 49;
        assertThat(SmoothWeightedSchedule.reduced(weights)).hasSize(1_000);
        weights[7] = 50;
        assertThat(SmoothWeightedSchedule.reduced(weights)).isNull();
    }

    /** Of 512 candidates and 2,048 turns. */
    @Test
    void cycleOfExactlyTheMostSteps_isMade() {
        double[] weights = new double[512];
        Arrays.fill(weights, 1);
        weights[0] = 1_537;
        assertThat(SmoothWeightedSchedule.reduced(weights)).hasSize(512);
    }
}
