package dev.evenkeel.lb;

import java.time.Duration;

/**
 * One attempt's hold on a backend. Whoever acquired it owes exactly one {@link #complete}: until then the backend has
 * one more call in flight.
 *
 * <p>Thread-safe: any thread may complete a lease; the first one counts.
 */
public non-sealed interface Lease extends PickResult {

    /**
     * The backend that was chosen.
     *
     * @return the backend as it was described when it was chosen
     */
    Backend backend();

    /**
     * Notes that the backend has begun to answer. The time from acquire to here is what counts as its latency, and the
     * lease no longer counts as waiting, however long the answer streams. Without this call the latency runs until
     * {@link #complete}. Only the first call has an effect.
     */
    void responded();

    /**
     * Ends the attempt.
     *
     * @param outcome how it ended
     * @return true if this call ended it, false if it had ended before
     */
    boolean complete(Outcome outcome);

    /**
     * Hands on what the backend said of its own load, in a header or trailer of this exchange. May be called more than
     * once, best before {@link #complete}; afterwards it may have no effect.
     *
     * @param report the report
     */
    default void report(LoadReport report) {}

    /**
     * Hands on that the backend asks for a rest, as by {@code Retry-After} on a 429 or a 503. From now on nothing new
     * is sent to it for that long: at most for the pool's longest rest, and only while another backend is left. The
     * lease goes on; its outcome is best {@link Outcome#THROTTLED}.
     *
     * @param duration how long; nothing happens if it is not positive
     */
    default void restFor(Duration duration) {}

    /**
     * Notes that a session has been bound to the backend, by this exchange or before: its next requests will name the
     * backend as {@link RequestContext#boundBackend}. A drain waits a while for them. A lease on the bound backend
     * itself has noted it already.
     */
    default void bind() {}
}
