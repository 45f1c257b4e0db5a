package dev.evenkeel.lb.core.internal.strategy.support;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Lets one of the picking threads refresh what is derived from live statistics, at intervals of 100 ms, or of 0.1 ms
 * per candidate with more than 1,000 candidates, so that the work stays below a hundredth of a core.
 */
public final class RefreshGuard {
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final long PER_CANDIDATE_NANOS = 100_000;

    private final long intervalNanos;
    private final AtomicLong dueNanos;

    private RefreshGuard(long intervalNanos, AtomicLong dueNanos) {
        this.intervalNanos = intervalNanos;
        this.dueNanos = dueNanos;
    }

    /** A guard that is due when the previous one is: changes of the list do not delay it. */
    public static RefreshGuard of(int candidates, long nowNanos, @Nullable RefreshGuard before) {
        long intervalNanos = Math.max(INTERVAL_NANOS, candidates * PER_CANDIDATE_NANOS);
        return new RefreshGuard(
                intervalNanos, before == null ? new AtomicLong(nowNanos + intervalNanos) : before.dueNanos);
    }

    /** Returns true to one thread per interval. */
    public boolean isDue(long nowNanos) {
        long due = dueNanos.get();
        return nowNanos - due >= 0 && dueNanos.compareAndSet(due, nowNanos + intervalNanos);
    }
}
