package dev.evenkeel.lb.core.internal.stats;

/** Average time between two samples, over about the last 20. */
final class MeanSampleInterval {

    private static final double SHARE_OF_LATEST = 0.05;
    /** After a night without calls, the first calls of the morning must not count for more than 10 s. */
    private static final long MAX_NANOS = 10_000_000_000L;

    private MeanSampleInterval() {}

    static double next(double gapNanos, long sinceLastNanos) {
        long latest = Math.max(0, Math.min(MAX_NANOS, sinceLastNanos));
        return gapNanos + SHARE_OF_LATEST * (latest - gapNanos);
    }
}
