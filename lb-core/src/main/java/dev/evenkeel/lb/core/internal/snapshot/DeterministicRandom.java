package dev.evenkeel.lb.core.internal.snapshot;

/** Pseudo-random numbers in [0, 1), derived from a hash or a counter. */
public final class DeterministicRandom {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private DeterministicRandom() {}

    /** The same number for the same arguments; numbers of different salts are independent. */
    public static double of(int hash, int salt) {
        long z = (hash + 1L) * GOLDEN_RATIO + salt * 0xD1B54A32D192ED03L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * UNIT;
    }

    /** Spreads consecutive integers evenly over [0, 1) in the long run, with neighbours far apart. */
    static double ofGoldenRatio(int number) {
        return ((number * GOLDEN_RATIO) >>> 11) * UNIT;
    }
}
