package dev.evenkeel.lb.core.internal.runtime;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Delays that double, with a cap and a jitter of ±20 % so that a fleet does not return at the same moment. */
public final class Backoff {
    private Backoff() {}

    public static Duration jittered(Duration base, Duration cap, int exponent, RandomGenerator random) {
        double nanos = Math.min((double) cap.toNanos(), base.toNanos() * Math.pow(2, Math.min(exponent, 62)));
        return Duration.ofNanos((long) (nanos * (0.8 + 0.4 * random.nextDouble())));
    }
}
