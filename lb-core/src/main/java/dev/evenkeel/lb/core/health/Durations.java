package dev.evenkeel.lb.core.health;

import java.time.Duration;

/** Checks of durations that come from users. */
final class Durations {
    static final Duration MILLISECOND = Duration.ofMillis(1);
    /** A century: anything longer is a mistake, and this much still fits into nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Durations() {}

    static Duration positive(String what, Duration duration) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(what + " must be positive (at most 36500 days): " + duration);
        }
        return duration;
    }
}
