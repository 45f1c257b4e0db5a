package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadReport;
import org.jspecify.annotations.Nullable;

/**
 * A backend's response to a poll of its load. Null means "not stated", and leaves that part unchanged.
 *
 * @param report its load, for the strategy
 * @param weightPercent the weight in per cent of the configured one, under every strategy, 0 to 25,600; with 0 it takes
 *     no new calls
 * @param maxInFlight the maximum of calls in flight from this client, instead of the configured number, at least 1;
 *     {@link Integer#MAX_VALUE} is no limit
 * @param adminState replaces the state that an operator has set, and is replaced by the next one that an operator sets
 * @param health {@link HealthState#UP} or {@link HealthState#DOWN}: a backend that reports itself down takes no calls,
 *     whatever checks find, until it reports itself up
 * @param cause why, in a few words; may be empty
 */
public record LoadReading(
        @Nullable LoadReport report,
        @Nullable Integer weightPercent,
        @Nullable Integer maxInFlight,
        @Nullable AdminState adminState,
        @Nullable HealthState health,
        String cause) {

    /** The largest {@link #weightPercent}. */
    public static final int MAX_WEIGHT_PERCENT = 25_600;

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public LoadReading {
        if (weightPercent != null && (weightPercent < 0 || weightPercent > MAX_WEIGHT_PERCENT)) {
            throw new IllegalArgumentException(
                    "load reading's weightPercent must be 0.." + MAX_WEIGHT_PERCENT + ": " + weightPercent);
        }
        if (maxInFlight != null && maxInFlight < 1) {
            throw new IllegalArgumentException("load reading's maxInFlight must be at least 1: " + maxInFlight);
        }
        if (health != null && health != HealthState.UP && health != HealthState.DOWN) {
            throw new IllegalArgumentException("load reading's health must be UP or DOWN: " + health);
        }
    }

    /**
     * A report and nothing else.
     *
     * @param report the report
     * @return a reading
     * @throws IllegalArgumentException if the report is null
     */
    public static LoadReading of(@Nullable LoadReport report) {
        if (report == null) {
            throw new IllegalArgumentException("load report must not be null");
        }
        return new LoadReading(report, null, null, null, null, "");
    }
}
