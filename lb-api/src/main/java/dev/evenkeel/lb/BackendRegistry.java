package dev.evenkeel.lb;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * Registry of a pool's backends, and the only way to change them. A change takes effect with the next pick; calls in
 * flight finish at their backends.
 *
 * <p>Thread-safe. Every method throws {@link IllegalStateException} once the pool is closed. A method that takes an id
 * throws {@link IllegalArgumentException} for an unknown one; the message lists the known ids.
 */
public interface BackendRegistry {

    /**
     * How long {@link #remove(String)} and {@link #drain(String)} wait for calls in flight and sessions, unless the
     * pool has another {@link DrainPolicy}: 5 minutes.
     */
    Duration DEFAULT_DRAIN_DEADLINE = Duration.ofMinutes(5);

    /**
     * Adds a backend.
     *
     * @param backend its id must not be in the pool
     * @throws IllegalArgumentException if the id is in the pool
     */
    void add(Backend backend);

    /**
     * Removes a backend. It takes no new calls from now on, and is forgotten when it has drained, as {@link
     * #drain(String, DrainPolicy)} describes, by the {@linkplain #drainPolicy pool's policy}.
     *
     * @param id the backend's id
     * @return completes when the backend has left
     */
    CompletionStage<DrainReport> remove(String id);

    /**
     * How removals and {@link #drain(String)} end.
     *
     * @return the pool's policy; by default {@link DrainPolicy#defaults}
     */
    default DrainPolicy drainPolicy() {
        return DrainPolicy.defaults();
    }

    /**
     * Replaces the list: new ids are added, missing ones removed as by {@link #remove}, and the remaining ones updated.
     * State is kept by id; an equal list changes nothing.
     *
     * @param backends distinct ids; may be empty
     * @throws IllegalArgumentException if two have the same id; then nothing changes
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
     * {@link #drain(String, DrainPolicy)} with the {@linkplain #drainPolicy pool's policy}.
     *
     * @param id the backend's id
     * @return completes when the last call has ended, or at the deadline
     */
    default CompletionStage<DrainReport> drain(String id) {
        return drain(id, drainPolicy());
    }

    /**
     * {@link #drain(String, DrainPolicy)} with another deadline than that of the {@linkplain #drainPolicy pool's policy}.
     *
     * @param id the backend's id
     * @param deadline when the stage completes even if calls or sessions are left. Positive
     * @return completes when the last call has ended, or at the deadline
     */
    default CompletionStage<DrainReport> drain(String id, Duration deadline) {
        return drain(id, drainPolicy().withDeadline(deadline));
    }

    /**
     * Drains a backend: it finishes its calls and takes no new ones, until {@link #activate} or {@link #maintenance}.
     *
     * <p>Requests whose session is {@linkplain RequestContext#boundBackend bound} to the backend still reach it while
     * it is healthy and the stage has not completed; after that they go to another backend. With such sessions the
     * stage does not complete during their pauses: the backend must have had neither a call nor a session's request for
     * a time that is a setting of the pool.
     *
     * <p>Sessions that this process has not seen yet do not count for that; with {@link DrainPolicy#untilDeadline} they
     * reach the backend until the deadline, at which the stage completes then.
     *
     * <p>What is left at the deadline goes on, unless the policy {@linkplain DrainPolicy#closeAtDeadline closes} it.
     * Then the stage completes when it has ended: a WebSocket gets a few seconds for its close handshake.
     *
     * @param id the backend's id
     * @param policy the deadline, and whether what is left is closed
     * @return completes when the last call has ended and no session is expected back, at the deadline, or when the
     *     drain is cancelled
     */
    CompletionStage<DrainReport> drain(String id, DrainPolicy policy);

    /**
     * Takes a backend out at once: no new calls, no checks.
     *
     * @param id the backend's id
     */
    void maintenance(String id);

    /**
     * Returns a backend from draining or maintenance to service. What was observed before a maintenance is discarded.
     *
     * @param id the backend's id
     */
    void activate(String id);

    /**
     * How a drain ended.
     *
     * @param backend the backend
     * @param remaining calls that were still in flight: 0 if it ran empty before the deadline, or all were closed
     * @param closed calls that were closed at the deadline; 0 unless the drain's policy asks for it
     * @param took from the request to the end
     */
    record DrainReport(Backend backend, int remaining, int closed, Duration took) {

        /**
         * Whether every call had ended, by itself or closed.
         *
         * @return true if nothing was left
         */
        public boolean isComplete() {
            return remaining == 0;
        }
    }

    /**
     * How a drain, or a removal, ends: how long it waits for calls in flight and sessions, and what becomes of the calls
     * that are left.
     *
     * <p>With {@code closeAtDeadline} they are closed at the deadline: a WebSocket with the close code 1001, a stream of
     * HTTP/2 with {@code RST_STREAM} and {@code CANCEL}, every other call with its connection. Readers get a {@link Lease.StreamClosedException}. Without it, which is the default, they go on until they end by themselves.
     *
     * <p>With {@code untilDeadline} the drain does not end before its deadline, however idle the backend is, and requests
     * whose session is {@linkplain RequestContext#boundBackend bound} to the backend reach it until then. So sessions stay
     * that this process has not seen yet, as after its restart or behind another balancer. Without it, which is the
     * default, the drain ends when no session is expected back, and a pool that has seen no session does not wait for one.
     *
     * @param deadline when the drain completes even if calls or sessions are left; positive, at most 36,500 days
     * @param closeAtDeadline whether what is left at the deadline is closed
     * @param untilDeadline whether the drain lasts until the deadline even if nothing is left
     */
    record DrainPolicy(Duration deadline, boolean closeAtDeadline, boolean untilDeadline) {
        private static final Duration MAX_DEADLINE = Duration.ofDays(36_500);
        private static final DrainPolicy DEFAULTS = of(BackendRegistry.DEFAULT_DRAIN_DEADLINE);

        public DrainPolicy {
            if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(MAX_DEADLINE) > 0) {
                throw new IllegalArgumentException("drain deadline must be positive (at most 36500 days): " + deadline);
            }
        }

        /**
         * The defaults.
         *
         * @return {@link BackendRegistry#DEFAULT_DRAIN_DEADLINE}, and nothing is closed
         */
        public static DrainPolicy defaults() {
            return DEFAULTS;
        }

        /**
         * A deadline at which nothing is closed.
         *
         * @param deadline when the drain completes even if calls or sessions are left; positive
         * @return the policy
         * @throws IllegalArgumentException if the deadline is not positive
         */
        public static DrainPolicy of(Duration deadline) {
            return new DrainPolicy(deadline, false, false);
        }

        /**
         * This policy with another deadline.
         *
         * @param newDeadline positive
         * @return a copy
         * @throws IllegalArgumentException if the deadline is not positive
         */
        public DrainPolicy withDeadline(Duration newDeadline) {
            return new DrainPolicy(newDeadline, closeAtDeadline, untilDeadline);
        }

        /**
         * This policy with another rule for what is left at the deadline.
         *
         * @param close whether it is closed
         * @return a copy
         */
        public DrainPolicy withCloseAtDeadline(boolean close) {
            return new DrainPolicy(deadline, close, untilDeadline);
        }

        /**
         * This policy with another rule for a backend that is idle before the deadline.
         *
         * @param wait whether the drain lasts until the deadline
         * @return a copy
         */
        public DrainPolicy withUntilDeadline(boolean wait) {
            return new DrainPolicy(deadline, closeAtDeadline, wait);
        }
    }
}
