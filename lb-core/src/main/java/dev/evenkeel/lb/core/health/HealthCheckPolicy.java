package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.internal.time.Durations;
import dev.evenkeel.lb.spi.HealthCheck;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When and how backends are checked. The first success of a backend decides at once; everything else changes its state
 * by {@code rise} and {@code fall}, or by {@code samples}. Only a backend that is down from the start
 * ({@code initialState}) is found down by a single failure.
 *
 * @param check the check; {@link HealthChecks#tcp()} by default
 * @param interval time from the end of a check to the next one of that backend, at least 1 ms; default 2 s
 * @param fastInterval the same while the state is in doubt: after a result that contradicts it, and while every backend
 *     of the pool is down; 1 ms to {@code interval}; default a quarter of it
 * @param downInterval the same while the backend is down and its results say so, unless every backend of the pool is down
 *     (HAProxy's {@code downinter}); at least 1 ms; default {@code interval}
 * @param timeout a check without a result by then has failed; DNS, connect and TLS count, so that the first check of a
 *     cold client takes longest; at most 1 h; default 1 s
 * @param rise successes in a row that bring a backend up, 1 to 100; default 2; 0 with {@code samples}
 * @param fall failures in a row that bring a backend down, 1 to 100; default 3; 0 with {@code samples}
 * @param samples how many of the last results must be successes, instead of {@code rise} and {@code fall}; null, the
 *     default, for these
 * @param jitterPercent by how much an interval varies up and down, 0 to 50; default 10
 * @param initialState what a backend is until its first success, or {@code fall} failures: {@link HealthState#UNKNOWN},
 *     which counts as up, or {@link HealthState#DOWN}; default unknown
 * @param skipsProven whether a backend that is up is not checked while calls prove it healthy: one succeeded within the
 *     interval, and none has failed since; default false, since a check may know what calls do not, such as an imminent
 *     shutdown
 * @param maxConcurrent most checks of the pool at a time, 1 to 10,000; further checks wait; default 256
 */
public record HealthCheckPolicy(
        HealthCheck check,
        Duration interval,
        Duration fastInterval,
        Duration downInterval,
        Duration timeout,
        int rise,
        int fall,
        @Nullable HealthSamples samples,
        double jitterPercent,
        HealthState initialState,
        boolean skipsProven,
        int maxConcurrent) {
    private static final int DEFAULT_RISE = 2;
    private static final int DEFAULT_FALL = 3;
    private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    public HealthCheckPolicy {
        checkInterval("interval", interval);
        checkInterval("fastInterval", fastInterval);
        if (fastInterval.compareTo(interval) > 0) {
            throw new IllegalArgumentException(
                    "health check fastInterval must be at most interval (" + interval + "): " + fastInterval);
        }
        checkInterval("downInterval", downInterval);
        checkTimeout(timeout);
        if (samples == null) {
            checkThreshold("rise", rise);
            checkThreshold("fall", fall);
        } else if (rise != 0 || fall != 0) {
            throw bothRules(samples);
        }
        checkJitter(jitterPercent);
        checkInitialState(initialState);
        checkMaxConcurrent(maxConcurrent);
    }

    /**
     * The defaults for a check.
     *
     * @param check the check
     * @return every 2 s (in doubt every 500 ms), timeout 1 s, rise 2, fall 3
     */
    public static HealthCheckPolicy of(HealthCheck check) {
        return builder(check).build();
    }

    /**
     * Creates a builder with the defaults.
     *
     * @param check the check
     * @return a builder
     */
    public static Builder builder(HealthCheck check) {
        return new Builder(check);
    }

    /**
     * Creates a builder with this policy's settings.
     *
     * @return a builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder(check);
        builder.interval = interval;
        builder.fastInterval = fastInterval;
        builder.downInterval = downInterval.equals(interval) ? null : downInterval;
        builder.timeout = timeout;
        builder.inheritedSamples = samples;
        builder.inheritedRise = samples == null ? rise : DEFAULT_RISE;
        builder.inheritedFall = samples == null ? fall : DEFAULT_FALL;
        builder.jitterPercent = jitterPercent;
        builder.initialState = initialState;
        builder.skipsProven = skipsProven;
        builder.maxConcurrent = maxConcurrent;
        return builder;
    }

    /**
     * Another interval, also while a backend is down, and a quarter of it as the fast one.
     *
     * @param newInterval at least 1 ms
     * @return a copy
     */
    public HealthCheckPolicy withInterval(Duration newInterval) {
        Builder builder = toBuilder().interval(newInterval);
        builder.fastInterval = null;
        builder.downInterval = null;
        return builder.build();
    }

    /**
     * Another timeout.
     *
     * @param newTimeout positive, at most 1 h
     * @return a copy
     */
    public HealthCheckPolicy withTimeout(Duration newTimeout) {
        return toBuilder().timeout(newTimeout).build();
    }

    /**
     * Other thresholds; they replace samples.
     *
     * @param newRise successes in a row that bring a backend up, 1 to 100
     * @param newFall failures in a row that bring a backend down, 1 to 100
     * @return a copy
     */
    public HealthCheckPolicy withThresholds(int newRise, int newFall) {
        return toBuilder().rise(newRise).fall(newFall).build();
    }

    private static IllegalArgumentException bothRules(HealthSamples samples) {
        return new IllegalArgumentException("health check must have either rise and fall, or samples ("
                + samples.required() + " of " + samples.size() + "): leave one of them out");
    }

    private static Duration checkInterval(String what, Duration interval) {
        Durations.positive("health check " + what, interval);
        if (interval.compareTo(Durations.MILLISECOND) < 0) {
            throw new IllegalArgumentException("health check " + what + " must be at least 1 ms: " + interval);
        }
        return interval;
    }

    private static Duration checkTimeout(Duration timeout) {
        Durations.positive("health check timeout", timeout);
        if (timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("health check timeout must be at most 1 h: " + timeout);
        }
        return timeout;
    }

    private static int checkThreshold(String what, int checks) {
        if (checks < 1 || checks > 100) {
            throw new IllegalArgumentException("health check " + what + " must be 1..100: " + checks);
        }
        return checks;
    }

    private static double checkJitter(double percent) {
        if (!(percent >= 0 && percent <= 50)) {
            throw new IllegalArgumentException("health check jitterPercent must be 0..50: " + percent);
        }
        return percent;
    }

    private static HealthState checkInitialState(HealthState state) {
        if (state != HealthState.UNKNOWN && state != HealthState.DOWN) {
            throw new IllegalArgumentException(
                    "health check initialState must be UNKNOWN (counts as up) or DOWN: " + state);
        }
        return state;
    }

    private static int checkMaxConcurrent(int checks) {
        if (checks < 1 || checks > 10_000) {
            throw new IllegalArgumentException("health check maxConcurrent must be 1..10000: " + checks);
        }
        return checks;
    }

    /** Builds a policy. Reusable; not thread-safe. */
    public static final class Builder {
        private final HealthCheck check;
        private Duration interval = Duration.ofSeconds(2);
        private @Nullable Duration fastInterval;
        private @Nullable Duration downInterval;
        private Duration timeout = Duration.ofSeconds(1);
        /** 0 if not set. */
        private int rise;
        /** 0 if not set. */
        private int fall;

        private @Nullable HealthSamples samples;
        // They hold as far as nothing else is set.
        private int inheritedRise = DEFAULT_RISE;
        private int inheritedFall = DEFAULT_FALL;
        private @Nullable HealthSamples inheritedSamples;

        private double jitterPercent = 10;
        private HealthState initialState = HealthState.UNKNOWN;
        private boolean skipsProven;
        private int maxConcurrent = 256;

        private Builder(HealthCheck check) {
            this.check = check;
        }

        /**
         * Sets the time from the end of a check to the next one of that backend.
         *
         * @param duration at least 1 ms; default 2 s
         * @return this
         */
        public Builder interval(Duration duration) {
            interval = checkInterval("interval", duration);
            return this;
        }

        /**
         * Sets the interval while the state is in doubt.
         *
         * @param duration 1 ms to the interval; default a quarter of the interval
         * @return this
         */
        public Builder fastInterval(Duration duration) {
            fastInterval = checkInterval("fastInterval", duration);
            return this;
        }

        /**
         * Sets the interval while the backend is down, such as a longer one for backends that are often away for long.
         * After a success, and while every backend of the pool is down, the fast interval holds.
         *
         * @param duration at least 1 ms; default the interval
         * @return this
         */
        public Builder downInterval(Duration duration) {
            downInterval = checkInterval("downInterval", duration);
            return this;
        }

        /**
         * Sets when a check without a result has failed.
         *
         * @param duration positive, at most 1 h; default 1 s
         * @return this
         */
        public Builder timeout(Duration duration) {
            timeout = checkTimeout(duration);
            return this;
        }

        /**
         * Sets how many successes in a row bring a backend up.
         *
         * @param successes 1 to 100; default 2
         * @return this
         */
        public Builder rise(int successes) {
            rise = checkThreshold("rise", successes);
            return this;
        }

        /**
         * Sets how many failures in a row bring a backend down.
         *
         * @param failures 1 to 100; default 3
         * @return this
         */
        public Builder fall(int failures) {
            fall = checkThreshold("fall", failures);
            return this;
        }

        /**
         * Sets how many of the last results must be successes, instead of {@code rise} and {@code fall}.
         *
         * @param required successes, 1 to {@code size}
         * @param size results, 1 to 64
         * @return this
         */
        public Builder samples(int required, int size) {
            samples = new HealthSamples(required, size);
            return this;
        }

        /**
         * Sets by how much an interval varies, so that a fleet does not check at the same moments.
         *
         * @param percent 0 to 50, up and down; default 10
         * @return this
         */
        public Builder jitterPercent(double percent) {
            jitterPercent = checkJitter(percent);
            return this;
        }

        /**
         * Sets the state of a backend until its checks have decided: until a first success, or {@code fall} failures.
         *
         * @param state {@link HealthState#UNKNOWN}, which counts as up, or {@link HealthState#DOWN}; default unknown
         * @return this
         */
        public Builder initialState(HealthState state) {
            initialState = checkInitialState(state);
            return this;
        }

        /**
         * Skips the checks of a backend that is up while calls prove it healthy.
         *
         * @param skip default false
         * @return this
         */
        public Builder skipProven(boolean skip) {
            skipsProven = skip;
            return this;
        }

        /**
         * Sets how many checks of the pool may be under way at a time.
         *
         * @param checks 1 to 10,000; default 256
         * @return this
         */
        public Builder maxConcurrent(int checks) {
            maxConcurrent = checkMaxConcurrent(checks);
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return a policy with these settings
         * @throws IllegalArgumentException if the fast interval is longer than the interval, or if samples are set beside
         *     {@code rise} or {@code fall}
         */
        public HealthCheckPolicy build() {
            Duration fast = fastInterval;
            if (fast == null) {
                Duration quarter = interval.dividedBy(4);
                fast = quarter.compareTo(Durations.MILLISECOND) < 0 ? Durations.MILLISECOND : quarter;
            }
            boolean byRuns = rise > 0 || fall > 0;
            if (byRuns && samples != null) {
                throw bothRules(samples);
            }
            HealthSamples rule = byRuns || samples != null ? samples : inheritedSamples;
            return new HealthCheckPolicy(
                    check,
                    interval,
                    fast,
                    downInterval == null ? interval : downInterval,
                    timeout,
                    rule != null ? 0 : rise > 0 ? rise : inheritedRise,
                    rule != null ? 0 : fall > 0 ? fall : inheritedFall,
                    rule,
                    jitterPercent,
                    initialState,
                    skipsProven,
                    maxConcurrent);
        }
    }
}
