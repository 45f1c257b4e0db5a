package dev.evenkeel.lb.core.topology;

/**
 * What a tier does in panic: when less than a threshold of it is healthy, and the tiers together cannot take its load.
 * Then either the checks are wrong, or the few remaining backends would be overloaded.
 *
 * @param response what it does
 * @param thresholdPercent panic begins below this share of healthy or degraded backends, by weight unless
 *     {@link PriorityPolicy#byWeight} is off; 0 (never) to 100
 */
public record PanicPolicy(Response response, int thresholdPercent) {

    /** What a tier does in panic. */
    public enum Response {
        /**
         * It uses backends that answer with errors, but no backend that active checks find down or that cannot be
         * reached.
         */
        USE_ANSWERING,
        /** It uses all of its backends regardless of their health, except backends that an operator has taken out. */
        USE_ALL,
        /** It refuses the calls that it would get. Backends on trial still get their trial calls. */
        FAIL_FAST
    }

    public PanicPolicy {
        if (thresholdPercent < 0 || thresholdPercent > 100) {
            throw new IllegalArgumentException(
                    "panic threshold must be 0..100 percent: " + thresholdPercent + "; 0 is no panic");
        }
    }

    /**
     * The default, with 50 %: ignores failures of calls, but not results of checks.
     *
     * @param thresholdPercent 0 to 100
     * @return the policy
     * @throws IllegalArgumentException if the threshold is out of range
     */
    public static PanicPolicy useAnswering(int thresholdPercent) {
        return new PanicPolicy(Response.USE_ANSWERING, thresholdPercent);
    }

    /**
     * Envoy's panic; Envoy's threshold is 50 %.
     *
     * @param thresholdPercent 0 to 100
     * @return the policy
     * @throws IllegalArgumentException if the threshold is out of range
     */
    public static PanicPolicy useAll(int thresholdPercent) {
        return new PanicPolicy(Response.USE_ALL, thresholdPercent);
    }

    /**
     * Envoy's {@code fail_traffic_on_panic}: the calls of a tier in panic are refused at once.
     *
     * @param thresholdPercent 0 to 100
     * @return the policy
     * @throws IllegalArgumentException if the threshold is out of range
     */
    public static PanicPolicy failFast(int thresholdPercent) {
        return new PanicPolicy(Response.FAIL_FAST, thresholdPercent);
    }

    /**
     * No panic: observations count however few backends are left; only the last backend is never excluded because of
     * calls.
     *
     * @return the policy
     */
    public static PanicPolicy off() {
        return new PanicPolicy(Response.USE_ANSWERING, 0);
    }
}
