package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.spi.HealthCheck;
import java.time.Duration;

/**
 * How backends are checked.
 *
 * @param check what is asked; {@link HealthChecks#tcp()} by default
 * @param interval time between two checks of one backend; jitter ±10 %; default 2 s
 * @param timeout a check without a result by then has failed; default 1 s
 * @param rise successes in a row that bring a backend up, 1 to 100; default 2
 * @param fall failures in a row that bring a backend down, 1 to 100; default 3
 */
public record HealthCheckPolicy(HealthCheck check, Duration interval, Duration timeout, int rise, int fall) {

    public HealthCheckPolicy {
        Durations.positive("health check interval", interval);
        Durations.positive("health check timeout", timeout);
        if (rise < 1 || rise > 100) {
            throw new IllegalArgumentException("health check rise must be 1..100: " + rise);
        }
        if (fall < 1 || fall > 100) {
            throw new IllegalArgumentException("health check fall must be 1..100: " + fall);
        }
    }

    /**
     * The defaults for a check.
     *
     * @param check what is asked
     * @return every 2 s, timeout 1 s, rise 2, fall 3
     */
    public static HealthCheckPolicy of(HealthCheck check) {
        return new HealthCheckPolicy(check, Duration.ofSeconds(2), Duration.ofSeconds(1), 2, 3);
    }

    /**
     * Another interval.
     *
     * @param newInterval positive
     * @return a copy
     */
    public HealthCheckPolicy withInterval(Duration newInterval) {
        return new HealthCheckPolicy(check, newInterval, timeout, rise, fall);
    }

    /**
     * Another timeout.
     *
     * @param newTimeout positive
     * @return a copy
     */
    public HealthCheckPolicy withTimeout(Duration newTimeout) {
        return new HealthCheckPolicy(check, interval, newTimeout, rise, fall);
    }

    /**
     * Other thresholds.
     *
     * @param newRise successes in a row that bring a backend up, 1 to 100
     * @param newFall failures in a row that bring a backend down, 1 to 100
     * @return a copy
     */
    public HealthCheckPolicy withThresholds(int newRise, int newFall) {
        return new HealthCheckPolicy(check, interval, timeout, newRise, newFall);
    }
}
