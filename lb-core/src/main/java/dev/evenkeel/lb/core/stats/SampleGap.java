package dev.evenkeel.lb.core.stats;

/** The usual time between two samples: an average over about the last 20. */
final class SampleGap {

    private static final double SHARE_OF_LATEST = 0.05;
    /** A night without calls must not make the first calls of the morning count for more than 10 s. */
    private static final long LONGEST_NANOS = 10_000_000_000L;

    private SampleGap() {}

    static double next(double gapNanos, long sinceLastNanos) {
        long latest = Math.max(0, Math.min(LONGEST_NANOS, sinceLastNanos));
        return gapNanos + SHARE_OF_LATEST * (latest - gapNanos);
    }
}
