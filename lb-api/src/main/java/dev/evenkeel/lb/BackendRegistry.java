package dev.evenkeel.lb;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * The pool's list of backends and the only way to change it. A change is in force for the next pick; calls in flight
 * finish where they are.
 *
 * <p>Thread-safe. Every method throws {@link IllegalStateException} once the pool is closed, and those that take an id
 * throw {@link IllegalArgumentException} for an unknown one, naming the known ones.
 */
public interface BackendRegistry {

    /** How long {@link #remove(String)} and {@link #drain(String)} wait for calls in flight and sessions: 5 minutes. */
    Duration DEFAULT_DRAIN_DEADLINE = Duration.ofMinutes(5);

    /**
     * Adds a backend.
     *
     * @param backend its id must not be in the pool
     * @throws IllegalArgumentException if the id is in the pool
     */
    void add(Backend backend);

    /**
     * Removes a backend: it gets nothing new at once and is forgotten when it has drained, as {@link #drain} says, or
     * after {@link #DEFAULT_DRAIN_DEADLINE}.
     *
     * @param id the backend's id
     * @return completes when the backend has gone
     */
    CompletionStage<DrainReport> remove(String id);

    /**
     * Makes the list equal to another one: new ids are added, missing ones removed as {@link #remove} does, and the
     * rest are updated. State is kept by id; a list that changes nothing changes nothing.
     *
     * @param backends distinct ids; may be empty
     * @throws IllegalArgumentException if two have one id; nothing is changed then
     */
    void replaceAll(Collection<Backend> backends);

    /**
     * Changes a weight.
     *
     * @param id the backend's id
     * @param weight 1 to 65,535
     */
    void setWeight(String id, int weight);

    /**
     * {@link #drain(String, Duration)} with {@link #DEFAULT_DRAIN_DEADLINE}.
     *
     * @param id the backend's id
     * @return completes when the last call has ended, or at the deadline
     */
    default CompletionStage<DrainReport> drain(String id) {
        return drain(id, DEFAULT_DRAIN_DEADLINE);
    }

    /**
     * Lets a backend finish what it has and gives it nothing new, until {@link #activate} or {@link #maintenance}.
     *
     * <p>Requests whose session is {@linkplain RequestContext#boundBackend bound} to the backend still reach it, as
     * long as it is healthy and the stage has not completed; from then on they go elsewhere. Where there are such
     * sessions the stage does not complete in a pause of theirs: for a while, which is a setting of the pool, the
     * backend must have had neither a call nor a session's request.
     *
     * @param id the backend's id
     * @param deadline when the stage completes even though calls or sessions are left; calls are not cut off. Positive
     * @return completes when the last call has ended and no session is expected back, at the deadline, or when the
     *     drain is called off
     */
    CompletionStage<DrainReport> drain(String id, Duration deadline);

    /**
     * Takes a backend out at once: no new calls, no checks.
     *
     * @param id the backend's id
     */
    void maintenance(String id);

    /**
     * Puts a backend back from draining or maintenance. What was observed before maintenance is forgotten.
     *
     * @param id the backend's id
     */
    void activate(String id);

    /**
     * How a drain ended.
     *
     * @param backend the backend
     * @param remaining calls that were still in flight: 0 if it ran empty before the deadline
     * @param took from the request to the end
     */
    record DrainReport(Backend backend, int remaining, Duration took) {

        /**
         * Whether every call had ended.
         *
         * @return true if nothing was left
         */
        public boolean isComplete() {
            return remaining == 0;
        }
    }
}
