package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.spi.TimeSource;

/** Bounds the rate of the checks of all backends of a pool together: each gets the next of evenly spaced times. */
final class CheckPace {

    static final CheckPace UNBOUNDED = new CheckPace(0, () -> 0);

    private final long gapNanos;
    private final TimeSource timeSource;

    // Guarded by this.
    private long nextNanos;

    private CheckPace(long gapNanos, TimeSource timeSource) {
        this.gapNanos = gapNanos;
        this.timeSource = timeSource;
        this.nextNanos = timeSource.nanoTime();
    }

    /** A pace of at most so many checks per second, at least 1; 0 for no bound. */
    static CheckPace of(int maxPerSecond, TimeSource timeSource) {
        return maxPerSecond == 0 ? UNBOUNDED : new CheckPace(1_000_000_000L / maxPerSecond, timeSource);
    }

    boolean isBounded() {
        return gapNanos > 0;
    }

    /** How long it takes to check each of so many backends once; 0 without a bound. */
    double roundNanos(int backends) {
        return (double) backends * gapNanos;
    }

    /** Takes the next time for a check that is due, and returns how long it is until then; 0 for now. */
    long waitNanos() {
        if (!isBounded()) {
            return 0;
        }
        long nowNanos = timeSource.nanoTime();
        synchronized (this) {
            long turnNanos = nextNanos - nowNanos > 0 ? nextNanos : nowNanos;
            nextNanos = turnNanos + gapNanos;
            return turnNanos - nowNanos;
        }
    }
}
