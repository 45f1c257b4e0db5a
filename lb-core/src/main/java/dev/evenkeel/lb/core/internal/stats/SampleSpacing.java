package dev.evenkeel.lb.core.internal.stats;

/**
 * At what distance samples are taken. Statistics that all calls write are a cache line for which all processors wait. So what
 * knows enough already takes one sample in 20 µs, if samples usually come closer together. Of a pool with fewer calls each is
 * taken, also when many end at once: what a stall held back is as many samples as any other calls.
 */
final class SampleSpacing {
    /** Up to so many samples each one is taken. */
    static final int FIRST = 2_000;

    static final long NANOS = 20_000;

    private SampleSpacing() {}

    /**
     * Whether a sample is left out.
     *
     * @param samples how many there were before
     * @param usualGapNanos the usual time between two samples that were taken
     * @param sinceLastNanos the time since the last one; a negative time, because of a race, is short
     */
    static boolean skips(int samples, double usualGapNanos, long sinceLastNanos) {
        return sinceLastNanos < NANOS && samples >= FIRST && usualGapNanos < NANOS;
    }
}
