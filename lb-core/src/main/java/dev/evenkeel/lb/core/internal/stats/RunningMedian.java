package dev.evenkeel.lb.core.internal.stats;

/**
 * A running median without stored samples. It rises by a small factor for a sample above it and falls by the same
 * factor for one below, and so settles where half of the samples are on each side. One slow response moves it one step,
 * however slow.
 *
 * <p>The step depends on the time, not on the count: after one horizon of samples on one side the median has moved by
 * the factor e, at any rate of calls.
 */
public final class RunningMedian {

    private static final double LARGEST_STEP = 0.05;

    private RunningMedian() {}

    /**
     * The step for one more sample.
     *
     * @param samples how many there were before, at least 1
     * @param gapNanos the usual time between two samples, from EARLIER gaps: with a sample's own gap a long pause,
     *     which is what a slow answer looks like, would move the median more than the fast ones move it back
     * @param horizonNanos the time over which the median forgets
     */
    public static double step(int samples, double gapNanos, double horizonNanos) {
        return Math.max(1.0 / (samples + 1), Math.min(LARGEST_STEP, gapNanos / horizonNanos));
    }

    public static double next(double median, double sample, double step) {
        if (sample > median) {
            return median * (1 + step);
        }
        return sample < median ? median / (1 + step) : median;
    }
}
