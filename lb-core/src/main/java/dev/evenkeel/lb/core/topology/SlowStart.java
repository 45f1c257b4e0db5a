package dev.evenkeel.lb.core.topology;

import dev.evenkeel.lb.core.internal.time.Durations;
import java.time.Duration;

/**
 * How a backend that is new, or that returns after it was down, ejected or in maintenance, reaches its full share:
 * {@code max(minimum, (t / window) ^ (1 / aggression))} of it after the time t. A limit on calls in flight ramps up
 * likewise.
 *
 * <p>It is a part of the calls: the backend gets no more, however idle or quick it is, unless no other backend can take
 * the call. (Under a hash with a bounded load it may take what busy backends pass on.) Under a strategy that avoids slow or failing backends, it gets less while it is one.
 *
 * <p>A ramp has 20 steps, of at least 100 ms each. During a step the backend gets what the ramp reaches in the middle of
 * the step, so over each step it gets the ramp's share.
 *
 * @param window until then it gets less than its share, at least 1 s; zero is no slow start
 * @param aggression greater than 0, at most 100: with 1 the share grows linearly, with more it grows faster at first
 * @param minPercent it never gets less, 1 to 100
 */
public record SlowStart(Duration window, double aggression, double minPercent) {

    private static final Duration MIN_DURATION = Duration.ofSeconds(1);

    public SlowStart {
        if (!window.isZero() && window.compareTo(MIN_DURATION) < 0) {
            throw new IllegalArgumentException("slow start window must be at least 1 s, or zero for none: " + window);
        }
        if (!window.isZero()) {
            Durations.positive("slow start window", window);
        }
        if (!(aggression > 0 && aggression <= 100)) {
            throw new IllegalArgumentException(
                    "slow start aggression must be greater than 0 and at most 100: " + aggression);
        }
        if (!(minPercent >= 1 && minPercent <= 100)) {
            throw new IllegalArgumentException("slow start minPercent must be 1..100: " + minPercent);
        }
    }

    /**
     * Grows linearly from 10 %, as Envoy does.
     *
     * @param window at least 1 s
     * @return the slow start
     * @throws IllegalArgumentException if the window is too short
     */
    public static SlowStart of(Duration window) {
        return new SlowStart(window, 1, 10);
    }

    /**
     * No slow start: a backend gets its full share at once.
     *
     * @return no slow start
     */
    public static SlowStart off() {
        return of(Duration.ZERO);
    }

    /**
     * This slow start with another curve.
     *
     * @param newAggression greater than 0, at most 100; default 1
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SlowStart withAggression(double newAggression) {
        return new SlowStart(window, newAggression, minPercent);
    }

    /**
     * This slow start with another minimum.
     *
     * @param newMinPercent 1 to 100; default 10
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SlowStart withMinPercent(double newMinPercent) {
        return new SlowStart(window, aggression, newMinPercent);
    }

    /**
     * Whether slow start is enabled.
     *
     * @return false if the window is zero
     */
    public boolean enabled() {
        return !window.isZero();
    }

    /**
     * The part of its share that a backend gets now.
     *
     * @param elapsedNanos since it began, not negative
     * @return greater than 0, at most 1; 1 from the end of the window on
     */
    public double factor(long elapsedNanos) {
        long windowNanos = window.toNanos();
        if (elapsedNanos >= windowNanos) {
            return 1;
        }
        return Math.max(minPercent / 100, Math.pow((double) elapsedNanos / windowNanos, 1 / aggression));
    }
}
