package dev.evenkeel.lb.core.stats;

/**
 * The recent share of failures: f ← f + a·([failed] − f). What was known loses its worth with time, so a verdict after a
 * pause weighs more, but never so much that one failure condemns.
 */
public final class FailureShare {

    static final double HORIZON_NANOS = 10e9;
    /** Stands for the time of the last verdict when there was none. */
    public static final long NEVER = Long.MIN_VALUE;

    private static final double LEAST = 0.05;
    private static final double MOST = 0.3;

    private FailureShare() {}

    /**
     * The share after one more verdict.
     *
     * @param before the share before
     * @param failed the verdict
     * @param lastNanos when the last verdict came, or {@link #NEVER}
     * @param nowNanos the time
     * @return 0 to 1
     */
    public static double next(double before, boolean failed, long lastNanos, long nowNanos) {
        double weight = lastNanos == NEVER ? MOST : weight((nowNanos - lastNanos) / HORIZON_NANOS);
        return before + weight * ((failed ? 1 : 0) - before);
    }

    /** a = 1 − e^(−x) within 0.05…0.3, where three terms of the series are right to 0.0007. */
    private static double weight(double x) {
        if (x >= 0.5) {
            return MOST;
        }
        return Math.max(LEAST, Math.min(MOST, x * (1 - x * (1.0 / 2 - x * (1.0 / 6)))));
    }

    /**
     * What is left of a share with the time since the last verdict.
     *
     * @param share the share then
     * @param lastNanos when the last verdict came
     * @param nowNanos the time
     * @return 0 to {@code share}
     */
    public static double left(double share, long lastNanos, long nowNanos) {
        return share == 0 ? 0 : share * Fade.left(nowNanos - lastNanos, HORIZON_NANOS);
    }
}
