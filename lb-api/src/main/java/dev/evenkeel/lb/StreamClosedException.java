package dev.evenkeel.lb;

import java.io.IOException;
import java.time.Duration;

/**
 * Thrown to the reader of a stream that its pool has closed: at the deadline of a drain that {@linkplain
 * DrainPolicy#closeAtDeadline closes what is left}, or at the pool's maximum duration of streams. Neither is the fault of
 * the backend or of the caller: the caller may open the stream again, and reaches another backend.
 */
public final class StreamClosedException extends IOException {
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
            case DRAIN_DEADLINE -> subject + ": the backend was drained, and the deadline of " + limit + " has passed";
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
