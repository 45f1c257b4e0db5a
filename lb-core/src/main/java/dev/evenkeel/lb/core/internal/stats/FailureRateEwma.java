package dev.evenkeel.lb.core.internal.stats;

/**
 * The recent share of failures: f ← f' + a·([failed] − f'), where f' is what the time since the last verdict has left of f.
 * Only a failure that finds something left refutes that the backend may be well again, and takes f as it was. What was known
 * loses its worth with time, so a verdict after a pause weighs more, but never so much that one failure condemns.
 *
 * <p>A share that has faded below {@link #NEGLIGIBLE} is 0: an idle backend with any penalty at all loses against an idle
 * one without, so a share that only becomes smaller and smaller would never let it have a call.
 */
public final class FailureRateEwma {

    static final double HORIZON_NANOS = 10e9;
    /** Stands for the time of the last verdict when there was none. */
    public static final long NEVER = Long.MIN_VALUE;

    private static final double MIN = 0.05;
    private static final double MAX = 0.3;
    /** One failure, at most 0.3, fades to it in 23 s; a backend that always failed, 1, in 35 s. */
    private static final double NEGLIGIBLE = 0.03;

    private FailureRateEwma() {}

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
        if (lastNanos == NEVER) {
            return failed ? MAX : 0;
        }
        double left = left(before, lastNanos, nowNanos);
        double known = failed && left > 0 ? before : left;
        double weight = weight((nowNanos - lastNanos) / HORIZON_NANOS);
        double next = known + weight * ((failed ? 1 : 0) - known);
        return next < NEGLIGIBLE ? 0 : next;
    }

    /**
     * The share without one failure that weighed as much as one can.
     *
     * @param share the share now
     * @return 0 to {@code share}
     */
    public static double lessOneFailure(double share) {
        return Math.max(0, (share - MAX) / (1 - MAX));
    }

    /** a = 1 − e^(−x) within 0.05…0.3, where three terms of the series are right to 0.0007. */
    private static double weight(double x) {
        if (x >= 0.5) {
            return MAX;
        }
        return Math.max(MIN, Math.min(MAX, x * (1 - x * (1.0 / 2 - x * (1.0 / 6)))));
    }

    /**
     * What is left of a share with the time since the last verdict.
     *
     * @param share the share then
     * @param lastNanos when the last verdict came
     * @param nowNanos the time
     * @return 0 if it is negligible, else up to {@code share}
     */
    public static double left(double share, long lastNanos, long nowNanos) {
        if (share == 0) {
            return 0;
        }
        double left = share * ExponentialDecay.left(nowNanos - lastNanos, HORIZON_NANOS);
        return left < NEGLIGIBLE ? 0 : left;
    }
}
