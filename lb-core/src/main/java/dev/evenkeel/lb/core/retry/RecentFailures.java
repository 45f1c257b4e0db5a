package dev.evenkeel.lb.core.retry;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The number of failed attempts of the last five seconds. Striped counters count all attempts; the window is the
 * difference to their values at the beginning of each of its seconds, which the first attempt of a second records.
 */
final class RecentFailures {
    private static final int SECONDS = 5;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final LongAdder attempts = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final AtomicLong second;
    private final long epochNanos;
    /** The counts at the beginning of a second, by second modulo the ring's length. */
    private final Mark[] ring = new Mark[SECONDS];

    private record Mark(long second, long attempts, long failures) {}

    RecentFailures(long nowNanos) {
        epochNanos = nowNanos;
        second = new AtomicLong(0);
        for (int i = 0; i < SECONDS; i++) {
            ring[i] = new Mark(0, 0, 0);
        }
    }

    void ended(boolean failed, long nowNanos) {
        mark(nowNanos);
        attempts.increment();
        if (failed) {
            failures.increment();
        }
    }

    /** Whether so many failed that a timeout must be treated as overload. */
    boolean areMany(long nowNanos, int leastSeen, double share, int fewest) {
        long now = mark(nowNanos);
        Mark from = ring[(int) Math.floorMod(now + 1, (long) SECONDS)];
        long seen = attempts.sum() - from.attempts();
        long failed = failures.sum() - from.failures();
        return seen >= leastSeen && failed > fewest && failed > share * seen;
    }

    /** The present second, after recording the counts at its beginning. A racing reader sees an older record. */
    private long mark(long nowNanos) {
        long now = (nowNanos - epochNanos) / SECOND_NANOS;
        long last = second.get();
        if (now > last && second.compareAndSet(last, now)) {
            long seen = attempts.sum();
            long failed = failures.sum();
            for (long passed = Math.max(last + 1, now - SECONDS + 1); passed <= now; passed++) {
                ring[(int) Math.floorMod(passed, (long) SECONDS)] = new Mark(passed, seen, failed);
            }
        }
        return Math.max(now, last);
    }
}
