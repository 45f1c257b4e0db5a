package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.core.internal.time.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The waits after failed rounds. They double and have a jitter of ±50 %, so that the clients of a registry do not
 * return at the same time.
 *
 * @param initialInterval after the first failure
 * @param maxInterval after many
 */
public record RegistryBackoff(Duration initialInterval, Duration maxInterval) {
    public static final RegistryBackoff DEFAULT = new RegistryBackoff(Duration.ofMillis(500), Duration.ofSeconds(30));

    public RegistryBackoff {
        if (initialInterval.isNegative() || initialInterval.isZero() || maxInterval.compareTo(initialInterval) < 0) {
            throw new IllegalArgumentException("back-off must begin above 0 and not end below its beginning: "
                    + initialInterval + " to " + maxInterval);
        }
    }

    /** The wait before a stream is resumed that ended without a failure. */
    public Duration resume(RandomGenerator random) {
        return after(1, random).dividedBy(5);
    }

    /**
     * The wait after failures.
     *
     * @param failures at least 1
     */
    public Duration after(int failures, RandomGenerator random) {
        return Backoff.delay(initialInterval, maxInterval, failures - 1, 0.5, random);
    }
}
