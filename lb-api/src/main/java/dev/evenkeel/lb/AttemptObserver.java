package dev.evenkeel.lb;

/**
 * Observes every attempt; the source of timers and counters. A pool without observers spends two reads a call on them.
 *
 * <p>Called by many threads at once, on the call path: no lock, no I/O. An exception is logged once and otherwise
 * ignored.
 */
@FunctionalInterface
public interface AttemptObserver {

    /**
     * Called when a lease has been granted. By default does nothing.
     *
     * @param backend where the attempt is made
     * @param kind which request of its call it is
     */
    default void attemptStarted(Backend backend, AttemptKind kind) {}

    /**
     * Called when an attempt has ended.
     *
     * @param backend where the attempt was made
     * @param outcome how it ended, including neutral outcomes
     * @param latencyNanos from the start to the response, or to the end without one
     */
    void attemptEnded(Backend backend, Outcome outcome, long latencyNanos);

    /** Which request of a call an attempt is. */
    enum AttemptKind {
        /** The first of the call. */
        FIRST,
        /** A further one, after a failure. */
        RETRY,
        /** A second one beside the first, which takes long. */
        HEDGE
    }
}
