package dev.evenkeel.lb.core.strategy;

/**
 * R of the cost: how slow a backend is beside its pool, median by median.
 *
 * <p>A difference up to 5 % is noise and counts as none. What is known fades towards 1 over 20 s without a sample, so that
 * a slow one is tried again; a newcomer is average, never best. Without this term p99 is 96 ms instead of 48 on servers of
 * uneven speeds.
 */
final class LatencyTerm {

    private static final double NOISE = 1.05;
    private static final double LEAST = 0.25;
    private static final double MOST = 8;
    private static final double HORIZON_NANOS = 20e9;
    /** A younger sample has not faded by more than 1 %: no need for a power. */
    private static final long FRESH_NANOS = 200_000_000;

    private LatencyTerm() {}

    static double of(double latencyNanos, double poolLatencyNanos, long sampleAgeNanos) {
        if (latencyNanos <= 0 || poolLatencyNanos <= 0) {
            return 1;
        }
        double ratio = latencyNanos / poolLatencyNanos;
        if (sampleAgeNanos > FRESH_NANOS) {
            ratio = Math.pow(ratio, Math.exp(-sampleAgeNanos / HORIZON_NANOS));
        }
        if (ratio > NOISE) {
            return Math.min(MOST, ratio / NOISE);
        }
        return ratio < 1 / NOISE ? Math.max(LEAST, ratio * NOISE) : 1;
    }
}
