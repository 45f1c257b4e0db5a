package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Outlier detection by the rules of Envoy and gRPC, and nginx's, each of which may be on or off. Failures in a row and
 * failures within a time are found at once; success rates, failure percentages and latencies are compared at the end of an interval.
 *
 * <p>Failures are {@link Outcome#isFailure()}: 5xx, timeouts, resets and failed connects alike, as in Envoy unless it
 * splits external from local errors. Gateway errors are all failures except {@link Outcome#SERVER_ERROR}: a response of
 * 502, 503 or 504, or no response; an {@code OutcomeClassifier} of lb-okhttp decides which status counts as which.
 * Unlike {@link OutlierDetectors#relative()} the rules for failures in a row and failure percentages do not consider
 * the backend's peers.
 *
 * <p>Immutable; serves any number of pools. Source: Envoy's {@code outlier_detection} (arch_overview/upstream/outlier),
 * gRFC A50.
 */
public final class XdsOutlierDetector implements OutlierDetector {
    private static final int MAX_CALLS = 1_000_000;
    private static final int MAX_BACKENDS = 10_000;
    /** The most failures that the rule for failures within a time counts: it remembers when each of them was. */
    public static final int MAX_FAILURES = 1_000;

    private static final Duration MIN_WINDOW = Duration.ofMillis(1);
    private static final Duration MAX_WINDOW = Duration.ofDays(1);

    private final int errorsInARow;
    private final int gatewayErrorsInARow;
    private final int failedConnectsInARow;
    private final int failures;
    private final Duration failureWindow;
    private final double stdevFactor;
    private final OutlierSweep.Volume successRateVolume;
    private final double failurePercent;
    private final OutlierSweep.Volume failurePercentVolume;
    private final double latencyFactor;
    private final OutlierSweep.Volume latencyVolume;
    private final Duration interval;
    private final EjectionPolicy ejection;

    private XdsOutlierDetector(Builder builder) {
        errorsInARow = builder.errorsInARow;
        gatewayErrorsInARow = builder.gatewayErrorsInARow;
        failedConnectsInARow = builder.failedConnectsInARow;
        failures = builder.failures;
        failureWindow = builder.failureWindow;
        stdevFactor = builder.stdevFactor;
        successRateVolume = builder.successRateVolume;
        failurePercent = builder.failurePercent;
        failurePercentVolume = builder.failurePercentVolume;
        latencyFactor = builder.latencyFactor;
        latencyVolume = builder.latencyVolume;
        interval = builder.interval;
        ejection = builder.effectiveEjection();
    }

    /**
     * Creates a builder with every rule off, an interval of 10 s, and Envoy's ejections, or those of
     * {@link Builder#failures} if this is the only rule.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EjectionPolicy ejectionPolicy() {
        return ejection;
    }

    @Override
    public Detection newDetection(TimeSource timeSource) {
        return new Rules();
    }

    /** Equal rules are equal detectors: a pool that gets them again keeps its detection. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof XdsOutlierDetector that && that.values().equals(values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    private List<Object> values() {
        return List.of(
                errorsInARow,
                gatewayErrorsInARow,
                failedConnectsInARow,
                failures,
                failureWindow,
                stdevFactor,
                successRateVolume,
                failurePercent,
                failurePercentVolume,
                latencyFactor,
                latencyVolume,
                interval,
                ejection);
    }

    private final class Rules implements Detection {
        private final long windowNanos = failureWindow.toNanos();

        @Override
        public @Nullable String observe(
                Candidate candidate,
                Outcome outcome,
                long latencyNanos,
                long nowNanos,
                List<? extends Candidate> peers) {
            OutlierCounts counts = candidate.state(OutlierCounts.class, OutlierCounts::new);
            counts.add(outcome);
            if (errorsInARow > 0 && counts.errorsInARow() >= errorsInARow) {
                counts.forget();
                return errorsInARow + " failures in a row";
            }
            if (gatewayErrorsInARow > 0 && counts.gatewayErrorsInARow() >= gatewayErrorsInARow) {
                counts.forget();
                return gatewayErrorsInARow + " gateway errors in a row";
            }
            if (failedConnectsInARow > 0 && counts.failedConnectsInARow() >= failedConnectsInARow) {
                counts.forget();
                return failedConnectsInARow + " failed connects in a row";
            }
            return failures > 0 && outcome.isFailure() ? withinWindow(candidate, nowNanos) : null;
        }

        private @Nullable String withinWindow(Candidate candidate, long nowNanos) {
            FailureTimes times = candidate.state(FailureTimes.class, FailureTimes::new);
            return times.add(this, failures, windowNanos, nowNanos)
                    ? failures + " failures within " + failureWindow
                    : null;
        }

        @Override
        public @Nullable Duration sweepInterval() {
            return stdevFactor > 0 || failurePercent > 0 || latencyFactor > 0 ? interval : null;
        }

        @Override
        public void sweep(long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {
            OutlierSweep sweep = new OutlierSweep(peers, eject);
            if (stdevFactor > 0) {
                sweep.bySuccessRate(stdevFactor, successRateVolume);
            }
            if (failurePercent > 0) {
                sweep.byFailurePercent(failurePercent, failurePercentVolume);
            }
            if (latencyFactor > 0) {
                sweep.byLatency(latencyFactor, latencyVolume);
            }
        }
    }

    /** Enables rules. Reusable; not thread-safe. */
    public static final class Builder {
        private int errorsInARow;
        private int gatewayErrorsInARow;
        private int failedConnectsInARow;
        private int failures;
        private Duration failureWindow = Duration.ZERO;
        private double stdevFactor;
        private OutlierSweep.Volume successRateVolume = new OutlierSweep.Volume(5, 100);
        private double failurePercent;
        private OutlierSweep.Volume failurePercentVolume = new OutlierSweep.Volume(5, 50);
        private double latencyFactor;
        private OutlierSweep.Volume latencyVolume = new OutlierSweep.Volume(5, 50);
        private Duration interval = Duration.ofSeconds(10);
        private @Nullable EjectionPolicy ejection;

        private Builder() {}

        /**
         * Ejects a backend after so many failures without a success in between: Envoy's {@code consecutive_5xx}.
         *
         * @param failures 1 to 1,000,000; 5 in Envoy
         * @return this
         */
        public Builder errorsInARow(int failures) {
            errorsInARow = checkCount("errorsInARow", failures, MAX_CALLS);
            return this;
        }

        /**
         * Ejects a backend after so many gateway errors without any other result in between: Envoy's
         * {@code consecutive_gateway_failure}. A 502, 503 or 504 is one, and so are failed connects, timeouts and
         * resets; a 500 or any other response ends the run. A 503 with {@code Retry-After} is a request for a cooldown,
         * and none.
         *
         * @param failures 1 to 1,000,000; 5 in Envoy, which does not enforce this rule by default
         * @return this
         */
        public Builder gatewayErrorsInARow(int failures) {
            gatewayErrorsInARow = checkCount("gatewayErrorsInARow", failures, MAX_CALLS);
            return this;
        }

        /**
         * Ejects a backend after so many failed connects without any other result in between: Envoy's
         * {@code consecutive_local_origin_failure}, for requests that were never sent.
         *
         * @param failures 1 to 1,000,000; 5 in Envoy
         * @return this
         */
        public Builder failedConnectsInARow(int failures) {
            failedConnectsInARow = checkCount("failedConnectsInARow", failures, MAX_CALLS);
            return this;
        }

        /**
         * Ejects a backend after so many failures within a time, whatever succeeds in between: nginx's {@code max_fails}
         * and {@code fail_timeout}. If this is the only rule and no {@link #ejection} is set, an ejection lasts as long as
         * the window, each time, then one call at a time tries the backend until one succeeds; there is no limit to how
         * many are out, but the last backend in use is never ejected.
         *
         * <p>The window slides: at any time the failures of the last {@code window} count. So says nginx's documentation
         * ("the number of unsuccessful attempts … that should happen in the duration set by {@code fail_timeout}"). Its
         * code ({@code ngx_http_upstream_round_robin.c}) is stricter: each failure starts the time anew, and only a success
         * later than {@code fail_timeout} after the last failure sets the count to 0. There 3 failures 9 s apart reach
         * {@code max_fails=3} in 10 s; here they do not. Like nginx, a single backend is never ejected. After
         * {@code fail_timeout} nginx, too, sends one request, and the next ones after its success. An attempt fails in
         * nginx by {@code proxy_next_upstream}, by default with an error or a timeout only; here by
         * {@link Outcome#isFailure()}.
         *
         * @param count 1 to {@value #MAX_FAILURES}; 1 in nginx by default
         * @param window 1 ms to 1 day; 10 s in nginx by default
         * @return this
         */
        public Builder failures(int count, Duration window) {
            if (window.compareTo(MIN_WINDOW) < 0 || window.compareTo(MAX_WINDOW) > 0) {
                throw new IllegalArgumentException("outlier failures window must be 1 ms to 1 day: " + window);
            }
            failures = checkCount("failures", count, MAX_FAILURES);
            failureWindow = window;
            return this;
        }

        /**
         * Ejects backends whose success rate in the interval is below mean − factor · standard deviation of all.
         *
         * @param factor greater than 0; 1.9 in Envoy and gRPC (which count in thousandths)
         * @param minBackends only if so many have enough calls, 1 to 10,000; 5 in both
         * @param minCalls enough calls in an interval, 1 to 1,000,000; 100 in both
         * @return this
         */
        public Builder successRate(double factor, int minBackends, int minCalls) {
            stdevFactor = checkFactor("successRate factor", factor, 0);
            successRateVolume = volume(minBackends, minCalls);
            return this;
        }

        /**
         * Ejects backends with this share of failures in the interval.
         *
         * @param percent greater than 0, at most 100, reached or exceeded; 85 in Envoy and gRPC
         * @param minBackends only if so many have enough calls, 1 to 10,000; 5 in both
         * @param minCalls enough calls in an interval, 1 to 1,000,000; 50 in both
         * @return this
         */
        public Builder failurePercentage(double percent, int minBackends, int minCalls) {
            if (!(percent > 0 && percent <= 100)) {
                throw new IllegalArgumentException(
                        "outlier failurePercentage must be greater than 0 and at most 100: " + percent);
            }
            failurePercent = percent;
            failurePercentVolume = volume(minBackends, minCalls);
            return this;
        }

        /**
         * Ejects backends whose usual latency is more than so many times the median of all.
         *
         * @param factor greater than 1, such as 5
         * @param minBackends only if so many have enough calls, 1 to 10,000
         * @param minCalls enough calls in an interval, 1 to 1,000,000
         * @return this
         */
        public Builder latency(double factor, int minBackends, int minCalls) {
            latencyFactor = checkFactor("latency factor", factor, 1);
            latencyVolume = volume(minBackends, minCalls);
            return this;
        }

        /**
         * Sets how often rates, percentages and latencies are compared.
         *
         * @param duration 100 ms to 1 h; default 10 s
         * @return this
         */
        public Builder interval(Duration duration) {
            if (duration.compareTo(Duration.ofMillis(100)) < 0 || duration.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("outlier interval must be 100 ms to 1 h: " + duration);
            }
            interval = duration;
            return this;
        }

        /**
         * Sets how long ejections last and how many there may be.
         *
         * @param policy default {@link EjectionPolicy#envoy()}, or as {@link #failures} says if this is the only rule
         * @return this
         */
        public Builder ejection(EjectionPolicy policy) {
            ejection = policy;
            return this;
        }

        /**
         * Builds the detector.
         *
         * @return a detector with the rules that are on
         * @throws IllegalArgumentException if all are off
         */
        public XdsOutlierDetector build() {
            if (failures == 0 && hasNoXdsRule()) {
                throw new IllegalArgumentException(
                        "outlier rules must have a rule; to eject no backend, use OutlierDetectors.none()");
            }
            return new XdsOutlierDetector(this);
        }

        private boolean hasNoXdsRule() {
            return errorsInARow == 0
                    && gatewayErrorsInARow == 0
                    && failedConnectsInARow == 0
                    && stdevFactor == 0
                    && failurePercent == 0
                    && latencyFactor == 0;
        }

        private EjectionPolicy effectiveEjection() {
            EjectionPolicy set = ejection;
            if (set != null || !hasNoXdsRule()) {
                return set != null ? set : EjectionPolicy.envoy();
            }
            return EjectionPolicy.builder()
                    .baseDuration(failureWindow)
                    .maxDuration(failureWindow)
                    .jitterPercent(0)
                    .maxEjectionPercent(100)
                    .build();
        }

        private static OutlierSweep.Volume volume(int minBackends, int minCalls) {
            return new OutlierSweep.Volume(
                    checkCount("minBackends", minBackends, MAX_BACKENDS), checkCount("minCalls", minCalls, MAX_CALLS));
        }

        private static int checkCount(String what, int count, int most) {
            if (count < 1 || count > most) {
                throw new IllegalArgumentException("outlier " + what + " must be 1.." + most + ": " + count);
            }
            return count;
        }

        private static double checkFactor(String what, double factor, int above) {
            if (!(factor > above && factor <= 1_000)) {
                throw new IllegalArgumentException(
                        "outlier " + what + " must be greater than " + above + " and at most 1000: " + factor);
            }
            return factor;
        }
    }
}
