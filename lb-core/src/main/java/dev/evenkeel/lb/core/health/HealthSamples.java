package dev.evenkeel.lb.core.health;

/**
 * How many of a backend's last check results must be successes. A backend is up with at least {@code required} successes
 * among the last {@code size} results, and down when the failures among them leave room for fewer. While less than
 * {@code size} results are known, neither may be the case: then the state stays.
 *
 * <p>Source: Azure Front Door, {@code successfulSamplesRequired} of {@code sampleSize} in the load balancing settings of an
 * origin group.
 *
 * @param required successes, 1 to {@code size}; Front Door's examples have 2, 3 or 4
 * @param size results, 1 to {@value #MAX_SIZE}; Front Door's examples have 4 or 5
 */
public record HealthSamples(int required, int size) {
    /** The most results that are remembered. */
    public static final int MAX_SIZE = 64;

    public HealthSamples {
        if (size < 1 || size > MAX_SIZE) {
            throw new IllegalArgumentException("health check samples size must be 1.." + MAX_SIZE + ": " + size);
        }
        if (required < 1 || required > size) {
            throw new IllegalArgumentException(
                    "health check samples required must be 1 to size (" + size + "): " + required);
        }
    }
}
