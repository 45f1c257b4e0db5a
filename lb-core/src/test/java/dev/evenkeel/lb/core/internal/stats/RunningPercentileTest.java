package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class RunningPercentileTest {
    private final Random random = new Random(7);

    /** After so many samples, the estimates of the second half, averaged. */
    private static double settled(int samples, DoubleSupplier source) {
        double p99 = 0;
        double sum = 0;
        for (int i = 0; i < samples; i++) {
            p99 = RunningPercentile.next99(p99, source.getAsDouble(), i);
            sum += i >= samples / 2 ? p99 : 0;
        }
        return sum / (samples - samples / 2);
    }

    @Test
    void estimate_ofEqualSamples_isNearThem() {
        assertThat(settled(1_000, () -> 5)).isBetween(4.7, 5.0);
    }

    @Test
    void estimate_ofExponentialLatencies_isNearTheirPercentile() {
        double exact = 10 * Math.log(100);
        assertThat(settled(20_000, () -> -10 * Math.log(1 - random.nextDouble())))
                .isBetween(0.8 * exact, 1.1 * exact);
    }

    @Test
    void estimate_ofLogNormalLatencies_isNearTheirPercentile() {
        double[] samples = random.doubles(20_000)
                .map(ignored -> 20 * Math.exp(0.5 * random.nextGaussian()))
                .toArray();
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double exact = sorted[19_800];
        int[] next = {0};
        assertThat(settled(samples.length, () -> samples[next[0]++])).isBetween(0.8 * exact, 1.1 * exact);
    }

    @Test
    void coldFirstResponse_isForgottenAtOnce() {
        double p99 = 0;
        double[] first = {400, 9, 5, 6, 5, 5, 7};
        for (int i = 0; i < first.length; i++) {
            p99 = RunningPercentile.next99(p99, first[i], i);
        }
        assertThat(p99).isLessThan(10);
    }

    @Test
    void estimate_neverExceedsTheHighestSample() {
        double p99 = 0;
        double highest = 0;
        for (int i = 0; i < 5_000; i++) {
            double sample = 1 + 99 * random.nextDouble();
            highest = Math.max(highest, sample);
            p99 = RunningPercentile.next99(p99, sample, i);
            assertThat(p99).isPositive().isLessThanOrEqualTo(highest);
        }
    }

    @Test
    void estimate_followsAServiceThatBecomesFast() {
        double p99 = 0;
        for (int i = 0; i < 3_000; i++) {
            p99 = RunningPercentile.next99(p99, 100, i);
        }
        for (int i = 3_000; i < 9_000; i++) {
            p99 = RunningPercentile.next99(p99, 10, i);
        }
        assertThat(p99).isLessThan(11);
    }
}
