package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Picks one candidate for one request. Made by a {@link LoadBalancingStrategy} for one set of candidates; a change of
 * the set makes a new picker.
 *
 * <p>Called by many threads at once, on the call path: it takes no lock, does no I/O, never waits and should allocate
 * nothing.
 */
@FunctionalInterface
public interface Picker {

    /**
     * Picks.
     *
     * @param request what is to be sent; its {@link PickRequest#accepts} must be true for the result
     * @return one of the candidates, or null if the request accepts none of them
     */
    @Nullable
    Candidate pick(PickRequest request);

    /**
     * An attempt at a candidate has begun. By default nothing happens.
     *
     * @param candidate the one that this picker picked, or one that the request's session is bound to: it may have left
     *     the list, as one does that drains
     * @param nowNanos when
     */
    default void started(Candidate candidate, long nowNanos) {}

    /**
     * An attempt has its outcome. Called once per {@link #started}, on any thread. By default nothing happens.
     *
     * @param candidate the candidate
     * @param outcome how it ended
     * @param latencyNanos from the start to the answer, or to the end without one
     * @param nowNanos when it ended
     */
    default void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {}

    /**
     * A backend has said how loaded it is: in an answer, or when it was asked. By default nothing happens.
     *
     * @param candidate one of the candidates, or one that has left the list
     * @param report what it said, in range but otherwise as little to be trusted as the backend
     * @param nowNanos when it arrived
     */
    default void reported(Candidate candidate, LoadReport report, long nowNanos) {}

    /**
     * Says what this picker thinks of a candidate now, for people. Not on the call path; may allocate.
     *
     * @param candidate one of the candidates
     * @param nowNanos the time
     * @return such as {@code cost 3.2 = 3 in flight x 1.07 latency}; empty by default
     */
    default String explain(Candidate candidate, long nowNanos) {
        return "";
    }
}
