package dev.evenkeel.lb.core.internal.time;

import java.time.Duration;

/** Checks durations that users configure. */
public final class Durations {
    public static final Duration MILLISECOND = Duration.ofMillis(1);
    /** A century: a longer duration is a mistake, and this one still fits into nanoseconds. */
    private static final Duration MAX_DURATION = Duration.ofDays(36_500);

    private Durations() {}

    public static Duration positive(String what, Duration duration) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(MAX_DURATION) > 0) {
            throw new IllegalArgumentException(what + " must be positive (at most 36500 days): " + duration);
        }
        return duration;
    }
}
