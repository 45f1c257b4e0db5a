package dev.evenkeel.lb.event;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;

/**
 * Hears of every attempt that ends: what timers and counters are fed from. A pool without observers pays one read for them.
 */
@FunctionalInterface
public interface AttemptObserver {

    /**
     * An attempt has ended. Called by many threads at once, on the call path: no lock, no I/O. What it throws is logged once
     * and otherwise ignored.
     *
     * @param backend where the attempt was made
     * @param outcome how it ended; neutral ones too
     * @param latencyNanos from the start to the answer, or to the end without one
     */
    void attemptEnded(Backend backend, Outcome outcome, long latencyNanos);
}
