package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.spi.OutlierDetector;
import java.time.Duration;

/** The outlier detectors that come with Evenkeel. */
public final class OutlierDetectors {

    private static final OutlierDetector NONE =
            timeSource -> (candidate, outcome, latencyNanos, nowNanos, peers) -> null;

    private OutlierDetectors() {}

    /**
     * Ejects a backend that fails while its peers do not: 3 failures in a row (a refused connection counts 2), half of
     * at least 8 calls, or at least 10 % of at least 20 and clearly above its peers; never while its peers fail 30 % or
     * more, or at least half as often.
     *
     * @return the default detector
     */
    public static OutlierDetector relative() {
        return RelativeOutlierDetector.INSTANCE;
    }

    /**
     * Envoy's detection with Envoy's defaults: 5 failures in a row, or a success rate below mean − 1.9 standard
     * deviations of at least 5 backends with 100 calls each in 10 s. The rule for gateway errors, which Envoy only
     * counts unless {@code enforcing_consecutive_gateway_failure} is set, is off. Ejections by
     * {@link dev.evenkeel.lb.spi.EjectionPolicy#envoy()}. {@link XdsOutlierDetector} has the single rules.
     *
     * @return a detector
     */
    public static OutlierDetector envoy() {
        return XdsOutlierDetector.builder()
                .errorsInARow(5)
                .successRate(1.9, 5, 100)
                .build();
    }

    /**
     * gRPC's detection (gRFC A50) with both of its algorithms on and its defaults: a success rate below mean − 1.9
     * standard deviations of at least 5 backends with 100 calls each in 10 s, or 85 % failures of at least 50 calls if
     * 5 backends have so many; ejections by {@link dev.evenkeel.lb.spi.EjectionPolicy#envoy()}.
     *
     * @return a detector
     */
    public static OutlierDetector grpc() {
        return XdsOutlierDetector.builder()
                .successRate(1.9, 5, 100)
                .failurePercentage(85, 5, 50)
                .build();
    }

    /**
     * nginx's {@code max_fails} and {@code fail_timeout}: so many failures within a time eject a backend for as long.
     * {@link XdsOutlierDetector.Builder#failures} says how nginx counts, and where this differs.
     *
     * @param count 1 to {@value XdsOutlierDetector#MAX_FAILURES}; 1 in nginx by default
     * @param window 1 ms to 1 day; 10 s in nginx by default
     * @return a detector
     * @throws IllegalArgumentException if one of them is out of range
     */
    public static OutlierDetector failures(int count, Duration window) {
        return XdsOutlierDetector.builder().failures(count, window).build();
    }

    /**
     * Ejects nothing.
     *
     * @return a detector that never proposes anything
     */
    public static OutlierDetector none() {
        return NONE;
    }
}
