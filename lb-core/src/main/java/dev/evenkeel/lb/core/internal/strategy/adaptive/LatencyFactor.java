package dev.evenkeel.lb.core.internal.strategy.adaptive;

/**
 * R of the cost: the ratio of a backend's median latency to the pool's.
 *
 * <p>A difference up to 5 % is noise and counts as none. What is known fades towards 1 without a sample, so that a slow backend
 * is tried again: over 1 s plus 15 times the usual gap between two samples of the backend, at most 20 s. The usual gap is an
 * average that starts at 0, so what a few quick answers say fades soon: the first answers of a process are slow everywhere. A
 * newcomer is average, never best. Without this term p99 is 96 ms instead of 48 on servers of uneven speeds.
 */
final class LatencyFactor {

    private static final double NOISE = 1.05;
    private static final double MIN = 0.25;
    private static final double MAX = 8;
    private static final double MIN_HORIZON_NANOS = 1e9;
    private static final double MAX_HORIZON_NANOS = 20e9;
    private static final double HORIZON_GAPS = 15;

    /** A younger sample has faded by less than 1 %: no power is calculated. */
    private static final long FRESH_NANOS = 200_000_000;

    private LatencyFactor() {}

    /**
     * Returns the factor.
     *
     * @param latencyNanos the backend's median; 0 without a sample
     * @param poolLatencyNanos the pool's
     * @param gapNanos the usual time between two samples of the backend
     * @param sampleAgeNanos since the last one
     */
    static double of(double latencyNanos, double poolLatencyNanos, double gapNanos, long sampleAgeNanos) {
        if (latencyNanos <= 0 || poolLatencyNanos <= 0) {
            return 1;
        }
        double ratio = latencyNanos / poolLatencyNanos;
        if (sampleAgeNanos > FRESH_NANOS) {
            double horizonNanos = Math.min(MAX_HORIZON_NANOS, MIN_HORIZON_NANOS + HORIZON_GAPS * gapNanos);
            ratio = Math.pow(ratio, Math.exp(-sampleAgeNanos / horizonNanos));
        }
        if (ratio > NOISE) {
            return Math.min(MAX, ratio / NOISE);
        }
        return ratio < 1 / NOISE ? Math.max(MIN, ratio * NOISE) : 1;
    }
}
