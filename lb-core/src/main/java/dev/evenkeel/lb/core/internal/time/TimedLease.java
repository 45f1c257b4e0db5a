package dev.evenkeel.lb.core.internal.time;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;

/**
 * A lease whose holder measures the same moments by {@link System#nanoTime}. The two share a reading where the pool's
 * clock is the system's; a pool with a clock of its own, and a lease that is not a pool's, read it for themselves.
 */
public interface TimedLease extends Lease {

    /** Whether the lease's times are readings of {@link System#nanoTime}. */
    boolean isBySystemClock();

    /** When the lease was acquired, by the pool's clock. */
    long startNanos();

    /** As {@link #complete(Outcome)}, at a moment that the holder has read from the pool's clock just now. */
    boolean complete(Outcome outcome, long nowNanos);

    /** When a lease was acquired, by {@link System#nanoTime}; now, if it does not tell. */
    static long startNanos(Lease lease) {
        return lease instanceof TimedLease timed && timed.isBySystemClock() ? timed.startNanos() : System.nanoTime();
    }

    /** Completes a lease at a moment that was read from {@link System#nanoTime} just now. */
    static void complete(Lease lease, Outcome outcome, long nowNanos) {
        if (lease instanceof TimedLease timed && timed.isBySystemClock()) {
            timed.complete(outcome, nowNanos);
        } else {
            lease.complete(outcome);
        }
    }
}
