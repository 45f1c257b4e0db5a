package dev.evenkeel.lb.core.internal.strategy.support;

import java.time.Duration;

/** Durations as nanoseconds. */
public final class Nanos {

    /** A century, which is as good as forever and far from overflow. */
    private static final Duration MAX = Duration.ofDays(36_525);

    private Nanos() {}

    public static long of(Duration duration) {
        return (duration.compareTo(MAX) > 0 ? MAX : duration).toNanos();
    }
}
