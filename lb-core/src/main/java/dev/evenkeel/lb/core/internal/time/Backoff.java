package dev.evenkeel.lb.core.internal.time;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Delays that double up to a maximum, with jitter. */
public final class Backoff {
    private Backoff() {}

    /**
     * The delay after a number of doublings.
     *
     * @param doublings 0 for the first delay
     * @param jitter as in {@link Jitter#around(double, double, RandomGenerator)}; it may exceed the maximum
     */
    public static Duration delay(Duration first, Duration max, int doublings, double jitter, RandomGenerator random) {
        double nanos = Math.min((double) max.toNanos(), first.toNanos() * Math.pow(2, Math.min(doublings, 62)));
        return Duration.ofNanos((long) Jitter.around(nanos, jitter, random));
    }
}
