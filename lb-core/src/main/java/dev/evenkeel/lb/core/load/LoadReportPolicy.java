package dev.evenkeel.lb.core.load;

import dev.evenkeel.lb.spi.LoadReportSource;
import java.time.Duration;

/**
 * How backends are polled for their load.
 *
 * @param source the source that is polled
 * @param interval from the end of one poll to the next one of that backend, 10 % more or less; 1 ms to 1 h; default 2 s
 * @param timeout a poll without a result by then is abandoned; 1 ms to 1 h; default 1 s
 * @param maxPerSecond the largest number of polls per second of all backends of the pool together, evenly spaced; 1 to
 *     1,000, or 0 for no bound; default 0. With n backends the interval is at least n / maxPerSecond seconds
 */
public record LoadReportPolicy(LoadReportSource source, Duration interval, Duration timeout, int maxPerSecond) {
    private static final Duration MIN_DURATION = Duration.ofMillis(1);
    private static final Duration MAX_DURATION = Duration.ofHours(1);
    private static final int MAX_PER_SECOND = 1_000;

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public LoadReportPolicy {
        check("interval", interval);
        check("timeout", timeout);
        if (maxPerSecond < 0 || maxPerSecond > MAX_PER_SECOND) {
            throw new IllegalArgumentException(
                    "load reports' maxPerSecond must be 0.." + MAX_PER_SECOND + ": " + maxPerSecond);
        }
    }

    /**
     * The defaults for a source.
     *
     * @param source the source that is polled
     * @return every 2 s, timeout 1 s, no bound per second
     */
    public static LoadReportPolicy of(LoadReportSource source) {
        return new LoadReportPolicy(source, Duration.ofSeconds(2), Duration.ofSeconds(1), 0);
    }

    /**
     * Another interval.
     *
     * @param newInterval 1 ms to 1 h
     * @return a copy
     */
    public LoadReportPolicy withInterval(Duration newInterval) {
        return new LoadReportPolicy(source, newInterval, timeout, maxPerSecond);
    }

    /**
     * Another timeout.
     *
     * @param newTimeout 1 ms to 1 h
     * @return a copy
     */
    public LoadReportPolicy withTimeout(Duration newTimeout) {
        return new LoadReportPolicy(source, interval, newTimeout, maxPerSecond);
    }

    /**
     * Another bound of the polls per second.
     *
     * @param polls of all backends together, 1 to 1,000; 0 for no bound
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public LoadReportPolicy withMaxPerSecond(int polls) {
        return new LoadReportPolicy(source, interval, timeout, polls);
    }

    private static void check(String what, Duration duration) {
        if (duration.compareTo(MIN_DURATION) < 0 || duration.compareTo(MAX_DURATION) > 0) {
            throw new IllegalArgumentException("load reports' " + what + " must be 1 ms to 1 h: " + duration);
        }
    }
}
