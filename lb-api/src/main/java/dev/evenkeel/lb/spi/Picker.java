package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Picks one candidate for one request. Created by a {@link LoadBalancingStrategy} for one set of candidates; another
 * set gets another picker.
 *
 * <p>Called by many threads at once, on the call path: it takes no lock, does no I/O, never waits and should allocate
 * nothing.
 */
@FunctionalInterface
public interface Picker {

    /**
     * Picks a candidate.
     *
     * @param request the request; its {@link PickRequest#accepts} must be true for the result
     * @return one of the candidates, or null if the request accepts none of them
     */
    @Nullable
    Candidate pick(PickRequest request);

    /**
     * Called when an attempt at a candidate has begun. By default does nothing.
     *
     * @param candidate the candidate that this picker picked, or the one that the request's session is bound to, which
     *     may have left the list, as in a drain
     * @param nowNanos when
     */
    default void started(Candidate candidate, long nowNanos) {}

    /**
     * Called when an attempt has its outcome, once per {@link #started}, on any thread. By default does nothing.
     *
     * @param candidate the candidate
     * @param outcome how it ended
     * @param latencyNanos from the start to the response, or to the end without one
     * @param nowNanos when it ended
     */
    default void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {}

    /**
     * Called when a backend has reported its load, in a response or when polled. By default does nothing.
     *
     * @param candidate one of the candidates, or one that has left the list
     * @param report the report, in range but otherwise no more trustworthy than the backend
     * @param nowNanos when it arrived
     */
    default void reported(Candidate candidate, LoadReport report, long nowNanos) {}

    /**
     * Explains this picker's view of a candidate now, for people. Not on the call path; may allocate.
     *
     * @param candidate one of the candidates
     * @param nowNanos the time
     * @return such as {@code cost 3.2 = 3 in flight x 1.07 latency}; empty by default
     */
    default String explain(Candidate candidate, long nowNanos) {
        return "";
    }
}
