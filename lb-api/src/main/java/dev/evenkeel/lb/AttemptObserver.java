package dev.evenkeel.lb;

/**
 * Hears of every attempt: what timers and counters are fed from. A pool without observers pays two reads a call for
 * them.
 *
 * <p>Called by many threads at once, on the call path: no lock, no I/O. What it throws is logged once and otherwise
 * ignored.
 */
@FunctionalInterface
public interface AttemptObserver {

    /**
     * A lease has been given out. By default nothing happens.
     *
     * @param backend where the attempt is made
     * @param kind which request of its call it is
     */
    default void attemptStarted(Backend backend, AttemptKind kind) {}

    /**
     * An attempt has ended.
     *
     * @param backend where the attempt was made
     * @param outcome how it ended; neutral ones too
     * @param latencyNanos from the start to the answer, or to the end without one
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
