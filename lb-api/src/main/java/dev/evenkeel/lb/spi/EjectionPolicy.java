package dev.evenkeel.lb.spi;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long ejections last and how many there may be at a time. In any case one backend may be ejected if there are
 * enough of them, and the last eligible one never is.
 *
 * @param baseDuration the first ejection of a backend, 1 ms to {@code maxDuration}; default 1 s
 * @param maxDuration the longest ejection, before {@code addedJitter}; at most 1 day; default 60 s
 * @param growth how further ejections become longer; default doubling
 * @param jitterPercent by how much an ejection varies up and down, 0 to 50; default 20
 * @param addedJitter the maximum that is added to each ejection, in steps of 1 ms, 0 to 1 h; default 0
 * @param recoveryInterval after each such time back in service one ejection is forgotten; 1 ms to 1 day; default 10 s. With a
 *     detector that {@linkplain OutlierDetector.Detection#sweepInterval sweeps}, the time begins one of its intervals
 *     after the return, and is at least such an interval: sooner it cannot find that the backend still fails
 * @param maxEjectionPercent the maximum share of the backends in service that is ejected at a time, but at least one
 *     backend; greater than 0, at most 100; default 30
 * @param minBackends with fewer backends in service no backend is ejected, 2 to 10,000; default 2
 * @param trial whether a backend that returns gets one call at a time until one succeeds, and is ejected again if it
 *     fails; default true
 */
public record EjectionPolicy(
        Duration baseDuration,
        Duration maxDuration,
        Growth growth,
        double jitterPercent,
        Duration addedJitter,
        Duration recoveryInterval,
        double maxEjectionPercent,
        int minBackends,
        boolean trial) {

    private static final Duration MIN_DURATION = Duration.ofMillis(1);
    private static final Duration MAX_DURATION = Duration.ofDays(1);
    private static final Duration MAX_ADDED = Duration.ofHours(1);

    /** How the ejections of one backend become longer. */
    public enum Growth {
        /** The n-th lasts {@code baseDuration} · 2^(n−1). */
        DOUBLING,
        /** The n-th lasts {@code baseDuration} · n, as in Envoy and gRPC. */
        LINEAR
    }

    public EjectionPolicy {
        checkDuration("baseDuration", baseDuration, MIN_DURATION, MAX_DURATION);
        checkDuration("maxDuration", maxDuration, MIN_DURATION, MAX_DURATION);
        if (maxDuration.compareTo(baseDuration) < 0) {
            throw new IllegalArgumentException(
                    "ejection maxDuration must be at least baseDuration (" + baseDuration + "): " + maxDuration);
        }
        checkPercent("jitterPercent", jitterPercent, 50);
        checkDuration("addedJitter", addedJitter, Duration.ZERO, MAX_ADDED);
        checkDuration("recoveryInterval", recoveryInterval, MIN_DURATION, MAX_DURATION);
        checkMaxEjectionPercent(maxEjectionPercent);
        checkMinBackends(minBackends);
    }

    /**
     * The defaults: 1 s doubling to 60 s, ±20 %, at most 30 % of the backends, a trial call on return.
     *
     * @return the values above
     */
    public static EjectionPolicy defaults() {
        return builder().build();
    }

    /**
     * The settings of Envoy and gRPC: 30 s times the number of ejections up to 300 s, at most 10 % of the backends, no
     * trial. Up to 3 s are added, so that a fleet does not readmit a backend at the same moment.
     *
     * @return a policy
     */
    public static EjectionPolicy envoy() {
        return builder()
                .baseDuration(Duration.ofSeconds(30))
                .maxDuration(Duration.ofSeconds(300))
                .growth(Growth.LINEAR)
                .jitterPercent(0)
                .addedJitter(Duration.ofSeconds(3))
                .maxEjectionPercent(10)
                .trial(false)
                .build();
    }

    /**
     * Creates a builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Creates a builder with this policy's settings.
     *
     * @return a builder
     */
    public Builder toBuilder() {
        return builder()
                .baseDuration(baseDuration)
                .maxDuration(maxDuration)
                .growth(growth)
                .jitterPercent(jitterPercent)
                .addedJitter(addedJitter)
                .recoveryInterval(recoveryInterval)
                .maxEjectionPercent(maxEjectionPercent)
                .minBackends(minBackends)
                .trial(trial);
    }

    /**
     * How long one ejection lasts.
     *
     * @param consecutive how many there have been with this one, at least 1
     * @param random for the jitter
     * @return positive
     */
    public Duration duration(int consecutive, RandomGenerator random) {
        double factor = growth == Growth.LINEAR ? consecutive : Math.pow(2, Math.min(consecutive - 1, 62));
        double nanos = Math.min((double) maxDuration.toNanos(), baseDuration.toNanos() * factor);
        if (jitterPercent > 0) {
            nanos *= 1 + jitterPercent / 100 * (2 * random.nextDouble() - 1);
        }
        Duration duration = Duration.ofNanos((long) nanos);
        return addedJitter.isZero()
                ? duration
                : duration.plusMillis(Long.remainderUnsigned(random.nextLong(), addedJitter.toMillis() + 1));
    }

    /**
     * How many backends may be ejected at a time.
     *
     * @param inService the number of backends in service, including ejected ones
     * @return 0 to {@code inService}
     */
    public int maxEjected(int inService) {
        return inService < minBackends ? 0 : Math.max(1, (int) (inService * maxEjectionPercent / 100));
    }

    private static Duration checkDuration(String what, Duration duration, Duration least, Duration most) {
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "ejection " + what + " must be " + least + " to " + most + ": " + duration);
        }
        return duration;
    }

    private static double checkPercent(String what, double percent, int most) {
        if (!(percent >= 0 && percent <= most)) {
            throw new IllegalArgumentException("ejection " + what + " must be 0.." + most + ": " + percent);
        }
        return percent;
    }

    private static double checkMaxEjectionPercent(double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException("ejection maxEjectionPercent must be greater than 0 and at most 100: "
                    + percent + (percent == 0 ? "; to eject no backend, use no outlier detection" : ""));
        }
        return percent;
    }

    private static int checkMinBackends(int backends) {
        if (backends < 2 || backends > 10_000) {
            throw new IllegalArgumentException("ejection minBackends must be 2..10000: " + backends);
        }
        return backends;
    }

    /** Builds a policy. Reusable; not thread-safe. */
    public static final class Builder {
        private Duration baseDuration = Duration.ofSeconds(1);
        private Duration maxDuration = Duration.ofSeconds(60);
        private Growth growth = Growth.DOUBLING;
        private double jitterPercent = 20;
        private Duration addedJitter = Duration.ZERO;
        private Duration recoveryInterval = Duration.ofSeconds(10);
        private double maxEjectionPercent = 30;
        private int minBackends = 2;
        private boolean trial = true;

        private Builder() {}

        /**
         * Sets how long the first ejection of a backend lasts.
         *
         * @param duration 1 ms to {@code maxDuration}; default 1 s
         * @return this
         */
        public Builder baseDuration(Duration duration) {
            baseDuration = checkDuration("baseDuration", duration, MIN_DURATION, MAX_DURATION);
            return this;
        }

        /**
         * Sets the longest ejection.
         *
         * @param duration at least {@code baseDuration}, at most 1 day; default 60 s
         * @return this
         */
        public Builder maxDuration(Duration duration) {
            maxDuration = checkDuration("maxDuration", duration, MIN_DURATION, MAX_DURATION);
            return this;
        }

        /**
         * Sets how further ejections become longer.
         *
         * @param how default doubling
         * @return this
         */
        public Builder growth(Growth how) {
            growth = how;
            return this;
        }

        /**
         * Sets by how much an ejection varies.
         *
         * @param percent 0 to 50, up and down; default 20
         * @return this
         */
        public Builder jitterPercent(double percent) {
            jitterPercent = checkPercent("jitterPercent", percent, 50);
            return this;
        }

        /**
         * Sets how much is added to an ejection at most.
         *
         * @param duration 0 to 1 h, by the millisecond; default 0
         * @return this
         */
        public Builder addedJitter(Duration duration) {
            addedJitter = checkDuration("addedJitter", duration, Duration.ZERO, MAX_ADDED);
            return this;
        }

        /**
         * Sets how long a backend has to be in service for one of its ejections to be forgotten; at least the interval of
         * the detector's sweeps.
         *
         * @param duration 1 ms to 1 day; default 10 s
         * @return this
         */
        public Builder recoveryInterval(Duration duration) {
            recoveryInterval = checkDuration("recoveryInterval", duration, MIN_DURATION, MAX_DURATION);
            return this;
        }

        /**
         * Sets how much of the backends in service may be ejected at a time.
         *
         * @param percent greater than 0, at most 100; default 30
         * @return this
         */
        public Builder maxEjectionPercent(double percent) {
            maxEjectionPercent = checkMaxEjectionPercent(percent);
            return this;
        }

        /**
         * Sets how many backends must be in service for any ejection.
         *
         * @param backends 2 to 10,000; default 2
         * @return this
         */
        public Builder minBackends(int backends) {
            minBackends = checkMinBackends(backends);
            return this;
        }

        /**
         * Sets whether a backend that returns gets one call at a time until one succeeds.
         *
         * @param onTrial default true
         * @return this
         */
        public Builder trial(boolean onTrial) {
            trial = onTrial;
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return a policy with these settings
         * @throws IllegalArgumentException if {@code maxDuration} is less than {@code baseDuration}
         */
        public EjectionPolicy build() {
            return new EjectionPolicy(
                    baseDuration,
                    maxDuration,
                    growth,
                    jitterPercent,
                    addedJitter,
                    recoveryInterval,
                    maxEjectionPercent,
                    minBackends,
                    trial);
        }
    }
}
