package dev.evenkeel.lb.core.internal.strategy.rotation;

import static org.assertj.core.api.Assertions.assertThat;

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
}
