package dev.evenkeel.lb.core.internal.stats;

/** Exponential decay by table, without an {@code exp} on the call path. */
public final class ExponentialDecay {

    private static final int STEPS_PER_UNIT = 32;
    private static final int UNITS = 16;
    private static final double[] LEFT = new double[STEPS_PER_UNIT * UNITS + 2];

    static {
        for (int i = 0; i < LEFT.length; i++) {
            LEFT[i] = Math.exp(-(double) i / STEPS_PER_UNIT);
        }
    }

    private ExponentialDecay() {}

    /**
     * e^(−age/horizon) within 0.00013.
     *
     * @param ageNanos the age
     * @param horizonNanos the time after which 37 % is left
     * @return 0 to 1; 1 for a negative age
     */
    public static double left(long ageNanos, double horizonNanos) {
        if (ageNanos <= 0) {
            return 1;
        }
        double at = ageNanos / horizonNanos * STEPS_PER_UNIT;
        int index = (int) at;
        if (index >= STEPS_PER_UNIT * UNITS) {
            return 0;
        }
        return LEFT[index] + (at - index) * (LEFT[index + 1] - LEFT[index]);
    }
}
