package dev.evenkeel.lb.core.internal.stats;

/**
 * A running 99th percentile in one number. A sample above it moves it up by 99 times of what a sample below it moves it
 * down: so it settles where one in 100 samples is above. Steps are in proportion to its value, large at first and small
 * later.
 */
final class RunningPercentile {
    /** The first responses are slow because of connections and caches that are not warm: the fastest of them counts. */
    private static final int FIRST = 4;

    private static final double MIN_STEP = 0.05;
    private static final double FIRST_STEPS = 100;

    private RunningPercentile() {}

    /**
     * The percentile after another sample.
     *
     * @param before the percentile so far; 0 for none
     * @param sample greater than 0
     * @param count the number of samples before
     * @return at most the highest of the samples
     */
    static double next99(double before, double sample, int count) {
        if (before <= 0) {
            return sample;
        }
        if (count < FIRST) {
            return Math.min(before, sample);
        }
        double step = count < FIRST_STEPS / MIN_STEP ? Math.min(1, FIRST_STEPS / count) : MIN_STEP;
        return sample > before ? Math.min(sample, before * (1 + 0.99 * step)) : before * (1 - 0.01 * step);
    }
}
