package dev.evenkeel.lb.core.topology;

/**
 * How traffic moves to tiers of lower priority when backends of a higher one fail.
 *
 * @param spillsOver true: in proportion to the missing capacity; false: all or nothing
 * @param factorPercent by how much a tier is overprovisioned, 100 to 1,000: with 140, a tier carries everything until
 *     less than 72 % of it is healthy
 * @param byWeight whether health is measured in weights, not in backends; default true
 */
public record PriorityPolicy(boolean spillsOver, int factorPercent, boolean byWeight) {

    /** Envoy's factor. */
    private static final int DEFAULT_FACTOR_PERCENT = 140;

    public PriorityPolicy {
        if (factorPercent < 100 || factorPercent > 1_000) {
            throw new IllegalArgumentException("overprovisioning factor must be 100..1000 percent: " + factorPercent);
        }
    }

    /**
     * Envoy's rule with Envoy's factor, the default: {@link #overprovisioned(int)} of 140.
     *
     * @return the policy
     */
    public static PriorityPolicy overprovisioned() {
        return overprovisioned(DEFAULT_FACTOR_PERCENT);
    }

    /**
     * Envoy's rule: a tier gets its healthy share times the factor, at most everything; the next one gets the remaining
     * traffic. Percentages are integers, and the rounding difference goes to the first tier with a healthy backend.
     *
     * @param factorPercent 100 to 1,000
     * @return the policy
     * @throws IllegalArgumentException if the factor is out of range
     */
    public static PriorityPolicy overprovisioned(int factorPercent) {
        return new PriorityPolicy(true, factorPercent, true);
    }

    /**
     * The rule of NGINX's and HAProxy's {@code backup}: a tier gets no traffic while one backend of an earlier tier is
     * healthy.
     *
     * @return the policy
     */
    public static PriorityPolicy strict() {
        return new PriorityPolicy(false, DEFAULT_FACTOR_PERCENT, true);
    }

    /**
     * This policy with health measured in backends, regardless of their weights, as Envoy does by default.
     *
     * @return a copy
     */
    public PriorityPolicy countingBackends() {
        return new PriorityPolicy(spillsOver, factorPercent, false);
    }
}
