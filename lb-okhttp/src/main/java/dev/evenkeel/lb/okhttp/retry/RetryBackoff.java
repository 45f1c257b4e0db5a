package dev.evenkeel.lb.okhttp.retry;

import java.time.Duration;

/**
 * The waits before further rounds over the backends. Each is a random part of an interval that doubles.
 *
 * @param initialInterval the longest wait before the first further round; 0 for no further round
 * @param maxInterval the longest wait before any further round, at least {@code initialInterval}
 */
public record RetryBackoff(Duration initialInterval, Duration maxInterval) {
    /** No further round. */
    public static final RetryBackoff NONE = new RetryBackoff(Duration.ZERO, Duration.ZERO);
}
