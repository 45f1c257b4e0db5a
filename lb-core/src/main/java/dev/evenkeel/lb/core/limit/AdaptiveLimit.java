package dev.evenkeel.lb.core.limit;

import java.time.Duration;

/**
 * Settings of an adaptive limit on calls in flight. The limit grows while responses take as long as without load, and
 * shrinks when they take longer, since then calls wait for each other at the server. Cancelled calls and errors have no
 * effect on it. If a twentieth of the responses are timeouts or refusals for want of capacity, it shrinks by a tenth.
 *
 * <p>The rule is that of Envoy's adaptive concurrency filter: limit × gradient + √limit. The gradient is the latency
 * without load + tolerance over the median of the last window, at least ½ and at most 1. The latency without load is
 * the lowest that was seen. It is measured again some 10 s after the last measurement, at half of the limit for two
 * windows, so that a server that has become slower for good is not mistaken for an overloaded one.
 *
 * @param minLimit the minimum, at least 1; default 4
 * @param initialLimit the initial limit; default 20
 * @param maxLimit the maximum; default 1,000
 * @param tolerancePercent how much longer than without load responses may take before the limit shrinks, 1 to 400;
 *     default 25
 * @param window how often it is adjusted, if there were 10 responses, 10 ms to 1 min; default 250 ms
 */
public record AdaptiveLimit(int minLimit, int initialLimit, int maxLimit, int tolerancePercent, Duration window) {
    private static final AdaptiveLimit STANDARD = new AdaptiveLimit(4, 20, 1_000, 25, Duration.ofMillis(250));

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public AdaptiveLimit {
        if (minLimit < 1 || initialLimit < minLimit || maxLimit < initialLimit) {
            throw new IllegalArgumentException("adaptive limit must have 1 <= minLimit <= initialLimit <= maxLimit: "
                    + minLimit + ", " + initialLimit + ", " + maxLimit);
        }
        if (tolerancePercent < 1 || tolerancePercent > 400) {
            throw new IllegalArgumentException(
                    "adaptive limit's tolerance must be 1..400 percent: " + tolerancePercent);
        }
        if (window.compareTo(Duration.ofMillis(10)) < 0 || window.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("adaptive limit's window must be 10 ms to 1 min: " + window);
        }
    }

    /**
     * The defaults.
     *
     * @return 4 to 1,000, beginning with 20
     */
    public static AdaptiveLimit standard() {
        return STANDARD;
    }

    /**
     * The same settings with another range.
     *
     * @param newMinLimit at least 1
     * @param newInitialLimit the initial limit
     * @param newMaxLimit the maximum
     * @return a copy
     * @throws IllegalArgumentException if they are not in this order
     */
    public AdaptiveLimit withRange(int newMinLimit, int newInitialLimit, int newMaxLimit) {
        return new AdaptiveLimit(newMinLimit, newInitialLimit, newMaxLimit, tolerancePercent, window);
    }

    /**
     * The same settings with another tolerance.
     *
     * @param percent 1 to 400
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public AdaptiveLimit withTolerancePercent(int percent) {
        return new AdaptiveLimit(minLimit, initialLimit, maxLimit, percent, window);
    }

    /**
     * The same settings with another window.
     *
     * @param duration 10 ms to 1 min
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public AdaptiveLimit withWindow(Duration duration) {
        return new AdaptiveLimit(minLimit, initialLimit, maxLimit, tolerancePercent, duration);
    }
}
