package dev.evenkeel.lb.core.internal.stats;

/** The usual time between two samples: an average over about the last 20. */
final class MeanSampleInterval {

    private static final double SHARE_OF_LATEST = 0.05;
    /** A night without calls must not make the first calls of the morning count for more than 10 s. */
    private static final long MAX_NANOS = 10_000_000_000L;

    private MeanSampleInterval() {}

    static double next(double gapNanos, long sinceLastNanos) {
        long latest = Math.max(0, Math.min(MAX_NANOS, sinceLastNanos));
        return gapNanos + SHARE_OF_LATEST * (latest - gapNanos);
    }
}
