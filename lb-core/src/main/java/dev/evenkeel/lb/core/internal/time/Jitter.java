package dev.evenkeel.lb.core.internal.time;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Random deviations, so that the clients of a fleet do not act at the same moment. */
public final class Jitter {
    private Jitter() {}

    /**
     * A value that is uniformly distributed around another one.
     *
     * @param share the largest deviation, as a share of the value: 0.2 for ±20 %
     */
    public static double around(double value, double share, RandomGenerator random) {
        return value * (1 + share * (2 * random.nextDouble() - 1));
    }

    /** As {@link #around(double, double, RandomGenerator)}. */
    public static Duration around(Duration value, double share, RandomGenerator random) {
        return Duration.ofNanos((long) around((double) value.toNanos(), share, random));
    }
}
