package dev.evenkeel.lb;

/**
 * Observes every attempt and the end of every call; the source of timers and counters. A pool without observers spends
 * three reads a call on them.
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

    /**
     * Called when a call has ended, after all its attempts; by clients that report their calls with
     * {@link LoadBalancer#callEnded}. By default does nothing.
     *
     * @param outcome how it ended for its caller
     * @param durationNanos from its start to the head of the response, or to its failure
     */
    default void callEnded(CallOutcome outcome, long durationNanos) {}

    /** How a call has ended for its caller, whatever its attempts. */
    enum CallOutcome {
        /** It has a response without a fault of the backend or the caller. */
        SUCCESS("success"),
        /** Its response says that the request is at fault: a status of 4xx that is no failure of the backend. */
        CLIENT_ERROR("client error"),
        /** It failed: its response is a failure of the backend, or there is none in time. */
        FAILED("failed"),
        /** It was refused without any attempt: no backend could be chosen. */
        NO_BACKEND("no backend"),
        /** It was refused without any attempt: the pool was full. */
        POOL_FULL("pool full"),
        /** Its caller cancelled it or was interrupted, or the pool closed it. */
        CANCELLED("cancelled");

        private final String text;

        CallOutcome(String text) {
            this.text = text;
        }

        /**
         * The outcome in words.
         *
         * @return such as {@code no backend}, in lower case
         */
        public String text() {
            return text;
        }

        /**
         * Whether the call was refused without any attempt.
         *
         * @return true for no backend and pool full
         */
        public boolean isRefusal() {
            return this == NO_BACKEND || this == POOL_FULL;
        }
    }

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
