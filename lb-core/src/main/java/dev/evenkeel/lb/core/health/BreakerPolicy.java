package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.core.internal.time.Durations;
import java.time.Duration;

/**
 * When a backend's circuit breaker opens and closes. The breaker is resilience4j's; it exists only while a backend has
 * failures in its window, so a healthy backend has no cost.
 *
 * <p>A window starts with a failure: successes before it do not count, so that a backend that dies is found after
 * {@code minCalls} calls, however well it was before. The window ends after {@code windowSize} successes in a row, after
 * {@code windowDuration} without a failure, and with a trial that succeeds.
 *
 * @param enabled whether there are breakers; default true
 * @param windowSize how many calls count, the latest ones since the window's start, 1 to 10,000; default 50
 * @param windowDuration after this time without a failure earlier failures do not count any more; positive; default 60
 *     s
 * @param minCalls how many calls there must be before it can open, 1 to {@code windowSize}; default 10, or as many that
 *     five of them are the failure rate: 100 at 5 %
 * @param failureRatePercent it opens at this share of failures, greater than 0, at most 100; default 50
 * @param openDuration how long it stays open the first time; doubles with each further opening; jitter ±20 %; default 1
 *     s
 * @param maxOpenDuration the longest time it stays open; default 60 s
 * @param halfOpenCalls trial calls after that, 1 to 1,000; default 3
 * @param halfOpenTimeout if the trial calls have not been answered by then, it opens again; default 10 s
 * @param maxOpenPercent no breaker opens while more than this share of the pool, but at least one backend, would then
 *     be out, open breakers and ejections counted together, unless a tenth of the pool works well without
 *     them: see lb-okhttp/docs/health.md. Greater than 0, at most 100; default 30
 */
public record BreakerPolicy(
        boolean enabled,
        int windowSize,
        Duration windowDuration,
        int minCalls,
        double failureRatePercent,
        Duration openDuration,
        Duration maxOpenDuration,
        int halfOpenCalls,
        Duration halfOpenTimeout,
        double maxOpenPercent) {
    private static final int MIN_CALLS = 10;
    private static final int MIN_FAILURES = 5;

    public BreakerPolicy {
        checkCalls("windowSize", windowSize, 10_000);
        Durations.positive("breaker windowDuration", windowDuration);
        if (minCalls < 1 || minCalls > windowSize) {
            throw new IllegalArgumentException(
                    "breaker minCalls must be 1..windowSize (" + windowSize + "): " + minCalls);
        }
        checkPercent("failureRatePercent", failureRatePercent);
        Durations.positive("breaker openDuration", openDuration);
        Durations.positive("breaker maxOpenDuration", maxOpenDuration);
        if (maxOpenDuration.compareTo(openDuration) < 0) {
            throw new IllegalArgumentException(
                    "breaker maxOpenDuration must be at least openDuration (" + openDuration + "): " + maxOpenDuration);
        }
        checkCalls("halfOpenCalls", halfOpenCalls, 1_000);
        Durations.positive("breaker halfOpenTimeout", halfOpenTimeout);
        checkPercent("maxOpenPercent", maxOpenPercent);
    }

    /**
     * How many backends may be out at a time, while too few of the used backends work well.
     *
     * @param inService the number of backends that could serve, including backends that are out
     * @return at least 1
     */
    public int maxOpen(int inService) {
        return Math.max(1, (int) (inService * maxOpenPercent / 100));
    }

    /**
     * The defaults.
     *
     * @return enabled, with the values above
     */
    public static BreakerPolicy defaults() {
        return builder().build();
    }

    /**
     * No breakers.
     *
     * @return disabled
     */
    public static BreakerPolicy off() {
        return builder().enabled(false).build();
    }

    private static int checkCalls(String what, int calls, int most) {
        if (calls < 1 || calls > most) {
            throw new IllegalArgumentException("breaker " + what + " must be 1.." + most + ": " + calls);
        }
        return calls;
    }

    private static double checkPercent(String what, double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException(
                    "breaker " + what + " must be greater than 0 and at most 100: " + percent);
        }
        return percent;
    }

    /**
     * Creates a builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a policy. Reusable; not thread-safe. */
    public static final class Builder {
        private boolean enabled = true;
        private int windowSize = 50;
        private Duration windowDuration = Duration.ofSeconds(60);
        /** 0 if it follows from the failure rate. */
        private int minCalls;

        private double failureRatePercent = 50;
        private Duration openDuration = Duration.ofSeconds(1);
        private Duration maxOpenDuration = Duration.ofSeconds(60);
        private int halfOpenCalls = 3;
        private Duration halfOpenTimeout = Duration.ofSeconds(10);
        private double maxOpenPercent = 30;

        private Builder() {}

        /**
         * Switches breakers on or off.
         *
         * @param enable default true
         * @return this
         */
        public Builder enabled(boolean enable) {
            enabled = enable;
            return this;
        }

        /**
         * Sets how many calls count, the latest ones since the window's start.
         *
         * @param calls 1 to 10,000; default 50
         * @return this
         */
        public Builder windowSize(int calls) {
            windowSize = checkCalls("windowSize", calls, 10_000);
            return this;
        }

        /**
         * Sets after how long without a failure earlier failures do not count any more. nginx calls it
         * {@code fail_timeout}.
         *
         * @param duration positive; default 60 s
         * @return this
         */
        public Builder windowDuration(Duration duration) {
            windowDuration = Durations.positive("breaker windowDuration", duration);
            return this;
        }

        /**
         * Sets how many calls there must be before the breaker can open.
         *
         * @param calls 1 to the window's size; default 10, or as many that five of them are the failure rate: 100 at 5
         *     %. The window's size if that is less
         * @return this
         */
        public Builder minCalls(int calls) {
            minCalls = checkCalls("minCalls", calls, 10_000);
            return this;
        }

        /**
         * Sets the share of failures that opens the breaker.
         *
         * @param percent greater than 0, at most 100; default 50
         * @return this
         */
        public Builder failureRatePercent(double percent) {
            failureRatePercent = checkPercent("failureRatePercent", percent);
            return this;
        }

        /**
         * Sets how long the breaker stays open the first time.
         *
         * @param duration positive; default 1 s
         * @return this
         */
        public Builder openDuration(Duration duration) {
            openDuration = Durations.positive("breaker openDuration", duration);
            return this;
        }

        /**
         * Sets the longest time the breaker stays open.
         *
         * @param duration at least the open duration; default 60 s
         * @return this
         */
        public Builder maxOpenDuration(Duration duration) {
            maxOpenDuration = Durations.positive("breaker maxOpenDuration", duration);
            return this;
        }

        /**
         * Sets the number of trial calls.
         *
         * @param calls 1 to 1,000; default 3
         * @return this
         */
        public Builder halfOpenCalls(int calls) {
            halfOpenCalls = checkCalls("halfOpenCalls", calls, 1_000);
            return this;
        }

        /**
         * Sets how long the trial calls may take together until they are answered.
         *
         * @param duration positive; default 10 s
         * @return this
         */
        public Builder halfOpenTimeout(Duration duration) {
            halfOpenTimeout = Durations.positive("breaker halfOpenTimeout", duration);
            return this;
        }

        /**
         * Sets how much of the pool may be out, open breakers and ejections together, while too few of the used backends
         * work well to take their calls.
         *
         * @param percent greater than 0, at most 100, which is no ceiling; default 30
         * @return this
         */
        public Builder maxOpenPercent(double percent) {
            maxOpenPercent = checkPercent("maxOpenPercent", percent);
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return a policy with these settings
         * @throws IllegalArgumentException if two values contradict each other
         */
        public BreakerPolicy build() {
            return new BreakerPolicy(
                    enabled,
                    windowSize,
                    windowDuration,
                    minCalls == 0 ? minCallsByRate() : minCalls,
                    failureRatePercent,
                    openDuration,
                    maxOpenDuration,
                    halfOpenCalls,
                    halfOpenTimeout,
                    maxOpenPercent);
        }

        /** One failure among the first calls says nothing about a rate of a few percent. */
        private int minCallsByRate() {
            double calls = Math.ceil(100 * MIN_FAILURES / failureRatePercent);
            return (int) Math.min(windowSize, Math.max(MIN_CALLS, calls));
        }
    }
}
