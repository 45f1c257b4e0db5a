package dev.evenkeel.lb.spi;

/**
 * What one health check found.
 *
 * @param healthy whether the backend can take traffic
 * @param cause why, in a few words
 */
public record HealthResult(boolean healthy, String cause) {

    /**
     * A success.
     *
     * @param cause such as {@code connected in 1 ms}
     * @return a healthy result
     */
    public static HealthResult healthy(String cause) {
        return new HealthResult(true, cause);
    }

    /**
     * A failure.
     *
     * @param cause such as {@code connection refused}
     * @return an unhealthy result
     */
    public static HealthResult unhealthy(String cause) {
        return new HealthResult(false, cause);
    }
}
