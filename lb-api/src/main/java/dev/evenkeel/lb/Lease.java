package dev.evenkeel.lb;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A backend granted for one attempt. The caller that acquired it must call {@link #complete} once: until then the
 * backend has one more call in flight.
 *
 * <p>Thread-safe: any thread may complete a lease; only the first call counts.
 */
public non-sealed interface Lease extends PickResult {

    /**
     * The backend that was chosen.
     *
     * @return the backend as it was described when it was chosen
     */
    Backend backend();

    /**
     * Records that the backend has begun to respond. The time from acquire to this call is its latency, and the lease
     * does not count as waiting any more, however long the response streams. Without this call the latency lasts until
     * {@link #complete}. Only the first call has an effect.
     */
    void responded();

    /**
     * Records that the backend has begun to respond, and how that beginning is judged: for HTTP the head of the
     * response, for a socket the first byte. A {@link Outcome#SUCCESS} counts at once for the trial of the backend that
     * this lease is part of (a half-open breaker, or the trial after an ejection), so that a long stream does not delay
     * the backend's return. What the lease is {@linkplain #complete completed} with still counts: a failure that
     * follows is one. Every other outcome only says that the backend has responded.
     *
     * @param outcome how the beginning of the response is judged
     */
    default void responded(Outcome outcome) {
        responded();
    }

    /**
     * Ends the attempt.
     *
     * @param outcome how it ended
     * @return true if this call ended it, false if it had ended before
     */
    boolean complete(Outcome outcome);

    /**
     * Passes on the load that the backend reported in a header or trailer of this exchange. May be called more than
     * once, preferably before {@link #complete}; afterwards it may have no effect.
     *
     * @param report the report
     */
    default void report(LoadReport report) {}

    /**
     * Passes on that the backend asks for a cooldown, as by {@code Retry-After} on a 429 or a 503. It takes no new
     * calls for that time, up to the pool's maximum, and only while another backend is left. The lease goes on; its
     * outcome should be {@link Outcome#THROTTLED}.
     *
     * @param duration how long; ignored if it is not positive
     */
    default void restFor(Duration duration) {}

    /**
     * Records that a session has been bound to the backend, by this exchange or before: its next requests will name the
     * backend as {@link RequestContext#boundBackend}. A drain waits a while for them. A lease on the bound backend
     * itself has recorded it already.
     */
    default void bind() {}

    /**
     * Says how the exchange is ended if the pool closes it: at the deadline of a drain that {@linkplain
     * BackendRegistry.DrainPolicy#closeAtDeadline closes what is left}, or at the pool's maximum duration of streams. Without this call
     * the pool closes nothing. Only the last closer counts; one that comes when the backend's deadline has passed is
     * called soon. By default, in leases that are not a pool's own, does nothing.
     *
     * <p>The closer ends the exchange, {@linkplain #complete completes} the lease, best with {@link Outcome#CANCELLED},
     * and gives the exception to the reader. It is called at most once, on a thread of the pool that calls the other
     * closers, too: it must not block for long.
     *
     * @param closer ends the exchange for the reason that it is given
     */
    default void onClose(Consumer<StreamClosedException> closer) {}

    /**
     * Thrown to the reader of a stream that its pool has closed: at the deadline of a drain that {@linkplain
     * BackendRegistry.DrainPolicy#closeAtDeadline closes what is left}, or at the pool's maximum duration of streams. Neither is the fault of
     * the backend or of the caller: the caller may open the stream again, and reaches another backend.
     */
    final class StreamClosedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final String pool;
        private final transient Backend backend;
        private final Reason reason;
        private final Duration limit;

        /** Why a pool closes a stream. */
        public enum Reason {
            /** The backend drains or was removed, and the deadline has passed. */
            DRAIN_DEADLINE("drain deadline passed"),
            /** The stream is as old as the pool lets streams become. */
            MAX_STREAM_DURATION("maximum stream duration reached");

            private final String text;

            Reason(String text) {
                this.text = text;
            }

            /**
             * The reason in a few words, as it stands in the close frame of a WebSocket.
             *
             * @return at most 123 bytes of ASCII
             */
            public String text() {
                return text;
            }
        }

        /**
         * Creates an exception.
         *
         * @param pool the pool's name
         * @param backend the backend at the other end of the stream
         * @param reason why it is closed
         * @param limit the deadline of the drain, or the maximum duration
         */
        public StreamClosedException(String pool, Backend backend, Reason reason, Duration limit) {
            super(text(pool, backend, reason, limit));
            this.pool = pool;
            this.backend = backend;
            this.reason = reason;
            this.limit = limit;
        }

        private static String text(String pool, Backend backend, Reason reason, Duration limit) {
            String subject = "pool \"" + pool + "\" closed the stream from backend " + backend.id();
            return switch (reason) {
                case DRAIN_DEADLINE ->
                    subject + ": the backend was drained, and the deadline of " + limit + " has passed";
                case MAX_STREAM_DURATION -> subject + ": it reached the maximum duration of " + limit;
            };
        }

        /**
         * The same exception for another thread, which was interrupted by the close.
         *
         * @param cause what the thread ran into
         * @return a copy with the present stack trace
         */
        public StreamClosedException causedBy(Throwable cause) {
            StreamClosedException copy = new StreamClosedException(pool, backend, reason, limit);
            copy.initCause(cause);
            return copy;
        }

        /**
         * The name of the pool.
         *
         * @return as given
         */
        public String pool() {
            return pool;
        }

        /**
         * The backend at the other end of the stream.
         *
         * @return as it was described when it was chosen
         */
        public Backend backend() {
            return backend;
        }

        /**
         * Why the stream was closed.
         *
         * @return the reason
         */
        public Reason reason() {
            return reason;
        }
    }
}
