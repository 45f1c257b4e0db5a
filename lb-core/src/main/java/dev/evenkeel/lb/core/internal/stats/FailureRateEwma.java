package dev.evenkeel.lb.core.internal.stats;

/**
 * The recent share of failures: f ← f' + a·([failed] − f'), where f' is f decayed by the time since the last result. A
 * failure that finds something left after the decay shows that the backend has not recovered, and f is used undecayed.
 * Knowledge loses value with time, so a result after a pause weighs more, but one failure alone never decides.
 *
 * <p>A share that has decayed below {@link #NEGLIGIBLE} is 0: an idle backend with any penalty loses against an idle
 * one without, so a share that only keeps shrinking would never let it have a call.
 */
public final class FailureRateEwma {

    static final double HORIZON_NANOS = 10e9;
    /** The time of the last result if there was none. */
    public static final long NEVER = Long.MIN_VALUE;

    /** A result weighs no less, and none weighs more for less time than this since the last one. */
    static final long UNWEIGHTED_NANOS = 1_000_000;

    private static final double MIN = 0.05;
    private static final double MAX = 0.3;
    /**
     * Reached 23 s after a single failure (at most 0.3), and 35 s after the last failure of a backend that always
     * failed (1).
     */
    private static final double NEGLIGIBLE = 0.03;

    private FailureRateEwma() {}

    /**
     * The share after one more result.
     *
     * @param before the share before
     * @param failed the result
     * @param lastNanos when the last result was recorded, or {@link #NEVER}
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
     * The share minus one failure of the highest weight.
     *
     * @param share the present share
     * @return 0 to {@code share}
     */
    public static double lessOneFailure(double share) {
        return Math.max(0, (share - MAX) / (1 - MAX));
    }

    /** a = 1 − e^(−x) within 0.05…0.3, where three terms of the series are accurate to 0.0007. */
    private static double weight(double x) {
        if (x >= 0.5) {
            return MAX;
        }
        return Math.max(MIN, Math.min(MAX, x * (1 - x * (1.0 / 2 - x * (1.0 / 6)))));
    }

    /**
     * The share that is left after the time since the last result.
     *
     * @param share the share then
     * @param lastNanos when the last result was recorded
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
