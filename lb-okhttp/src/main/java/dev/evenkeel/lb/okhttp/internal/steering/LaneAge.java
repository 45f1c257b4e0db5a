package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How old lanes get under a policy.
 *
 * @param maxNanos the limit; 0 for none
 * @param jitter the fraction by which an age is less, at most
 * @param clock by which lanes age
 */
public record LaneAge(long maxNanos, double jitter, TimeSource clock) {

    /** The ages that a policy wants. */
    public static LaneAge of(ConnectionPolicy policy) {
        Duration maxAge = policy.maxAge();
        return new LaneAge(
                maxAge == null ? 0 : maxAge.toNanos(), policy.maxAgeJitterPercent() / 100, policy.timeSource());
    }

    boolean isLimited() {
        return maxNanos != 0;
    }

    long nowNanos() {
        return clock.nanoTime();
    }

    /** How old one more lane may get, if there is a limit. */
    public long nextNanos() {
        return (long) (maxNanos * (1 - jitter * ThreadLocalRandom.current().nextDouble()));
    }
}
