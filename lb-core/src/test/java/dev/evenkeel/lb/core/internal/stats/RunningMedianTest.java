package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** A median that follows samples without keeping them. */
class RunningMedianTest {
    @Test
    void median_findsThatOfTheSamples_andFollowsIt() {
        Random random = new Random(7);
        double median = 1;
        for (int i = 0; i < 20_000; i++) {
            median = RunningMedian.next(median, Math.exp(random.nextGaussian()) * 100, RunningMedian.step(i, 1, 1_000));
        }
        assertThat(median).isCloseTo(100, Percentage.withPercentage(15));
    }

    @Test
    void step_isLargeAtFirst_andThenFollowsTheRate() {
        assertThat(RunningMedian.step(0, 1, 1_000)).isEqualTo(1);
        assertThat(RunningMedian.step(1_000_000, 10, 1_000)).isEqualTo(0.01);
        assertThat(RunningMedian.step(1_000_000, 1_000, 1_000)).isEqualTo(0.05);
    }
}
