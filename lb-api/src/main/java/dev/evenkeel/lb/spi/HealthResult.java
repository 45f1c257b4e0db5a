package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.HealthState;

/**
 * Result of one health check.
 *
 * @param state up, degraded or down
 * @param cause why, in a few words
 */
public record HealthResult(HealthState state, String cause) {

    public HealthResult {
        if (state == HealthState.UNKNOWN) {
            throw new IllegalArgumentException("a health check's result must be UP, DEGRADED or DOWN: UNKNOWN");
        }
    }

    /**
     * A success.
     *
     * @param cause such as {@code connected in 1 ms}
     * @return a healthy result
     */
    public static HealthResult healthy(String cause) {
        return new HealthResult(HealthState.UP, cause);
    }

    /**
     * A success of a backend that should get only what healthy backends cannot take, such as one with a cold cache.
     *
     * @param cause such as {@code serving stale data}
     * @return a degraded result
     */
    public static HealthResult degraded(String cause) {
        return new HealthResult(HealthState.DEGRADED, cause);
    }

    /**
     * A failure.
     *
     * @param cause such as {@code connection refused}
     * @return an unhealthy result
     */
    public static HealthResult unhealthy(String cause) {
        return new HealthResult(HealthState.DOWN, cause);
    }

    /**
     * Whether the backend can take traffic.
     *
     * @return true if it is up or degraded
     */
    public boolean healthy() {
        return state != HealthState.DOWN;
    }
}
