package dev.evenkeel.lb;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A pool: a named set of backends with one strategy and one health policy. Created by {@code LoadBalancers} in
 * {@code lb-core}.
 *
 * <p>Thread-safe. {@link #acquire} takes no lock, does no I/O and never waits.
 *
 * <pre>{@code
 * PickResult result = pool.acquire(RequestContext.NONE);
 * if (result instanceof Lease lease) {
 *     Outcome outcome = Outcome.FAILED;
 *     try {
 *         outcome = send(lease.backend());
 *     } finally {
 *         lease.complete(outcome);
 *     }
 * }
 * }</pre>
 */
public interface LoadBalancer extends AutoCloseable {

    /**
     * The pool's name, which is also the logical host that callers address.
     *
     * @return a name of letters, digits, dots, hyphens and underscores, or an IP literal
     */
    String name();

    /**
     * Chooses a backend for one attempt.
     *
     * @param context the properties of the request
     * @return a {@link Lease} that the caller must complete, or {@link Unavailable}; a closed pool is unavailable, and
     *     so is one that is full or has requests waiting in its queue
     */
    PickResult acquire(RequestContext context);

    /**
     * As {@link #acquire}, but if the pool is full and has a queue, the request waits there. It never blocks; the
     * future completes later. First come, first served; a retry, whose call has {@linkplain RequestContext#tried tried}
     * a backend, goes before first attempts.
     *
     * <p>The future never fails. It completes with a {@link Lease} as soon as there is room. It completes with
     * {@link Unavailable} when the time is over, if the queue is full, and when the pool is closed or has no backend
     * left to wait for. Cancelling it removes the request from the queue; a lease that is granted at the same moment is
     * returned. Dependent actions run on the thread that makes room, and should be short, or asynchronous.
     *
     * @param context the properties of the request; read by other threads, one at a time, while the request waits
     * @return completed if the request need not wait, or cannot
     */
    default CompletableFuture<PickResult> acquireOrWait(RequestContext context) {
        return CompletableFuture.completedFuture(acquire(context));
    }

    /**
     * Explains how the pool would treat a request: which backends are eligible, the strategy's view of each, and the
     * reasons against the remaining ones. Acquires and changes nothing; the next acquire may see other figures because
     * of calls in between. Costs time in proportion to the number of backends: use it for single calls, not for all.
     *
     * @param context the properties of the request
     * @return the decision before it is made, to be completed by {@link Decision#with}
     */
    default Decision explain(RequestContext context) {
        return new Decision(name(), snapshot().strategy(), List.of(), context.boundBackend(), null, "");
    }

    /**
     * Logs decisions: the result of {@link #explain} and of {@link #acquire}, in one line of the {@code System.Logger}
     * named {@code dev.evenkeel.lb.decisions}, at the level INFO. Off by default; may be switched on and off at any
     * time. While it is off it costs one read; while it is on, only logged calls cost more. By default does nothing.
     *
     * @param oneOf one call in this many, chosen at random; 1 for all, 0 for none
     * @throws IllegalArgumentException if negative
     */
    default void logDecisions(int oneOf) {}

    /**
     * The registry of backends.
     *
     * @return the same object every time
     */
    BackendRegistry registry();

    /**
     * Declares that requests will ask for subsets by these keys, in addition to the selectors of the pool's
     * {@code SubsetPolicy}; a client does so for its routes. Takes the lock of the pool's changes, and makes the pool
     * prepare the subsets. Keys that are declared already have no effect. By default does nothing.
     *
     * @param keys the keys of metadata of a {@link Subset}
     * @throws IllegalArgumentException if there are none, too many, or invalid ones
     */
    default void declareSubsets(Set<String> keys) {}

    /**
     * The state of the pool now, for people and for monitoring. Costs time in proportion to the number of backends. What
     * it shows holds for calls that are made afterwards: an observation that waits for the next change of the pool, such
     * as the result of a health check, takes effect first.
     *
     * @return an immutable description
     */
    PoolSnapshot snapshot();

    /**
     * The name of the strategy in force. Costs nothing in the pools of lb-core.
     *
     * @return such as {@code adaptive}
     */
    default String strategyName() {
        return snapshot().strategy();
    }

    /**
     * Live statistics of the pool's latency, from its own calls. Costs nothing: the same object every time.
     *
     * @return live statistics; {@link PoolFigures#NONE} if there are none
     */
    default PoolFigures figures() {
        return PoolFigures.NONE;
    }

    /**
     * Adds a listener.
     *
     * @param listener called for every event from now on
     */
    void addListener(LoadBalancerListener listener);

    /**
     * Removes a listener.
     *
     * @param listener a listener that was added; any other is ignored
     */
    void removeListener(LoadBalancerListener listener);

    /**
     * Adds an observer of attempts. By default does nothing.
     *
     * @param observer notified of every attempt from now on
     */
    default void addObserver(AttemptObserver observer) {}

    /**
     * Removes an observer of attempts. By default does nothing.
     *
     * @param observer an observer that was added; any other is ignored
     */
    default void removeObserver(AttemptObserver observer) {}

    /**
     * Whether there is an observer of attempts and calls. Without one, {@link #callEnded} has no effect, and a client need
     * not measure what it would say. By default true.
     *
     * @return false only if there is none
     */
    default boolean isObserved() {
        return true;
    }

    /**
     * Tells the observers that a call has ended, after all its attempts. The clients of {@code lb-okhttp} do so; a
     * client of your own may, once for each call. By default does nothing.
     *
     * @param outcome how it ended for its caller
     * @param durationNanos from its start to the head of the response, or to its failure; in nanoseconds
     */
    default void callEnded(AttemptObserver.CallOutcome outcome, long durationNanos) {}

    /**
     * Stops checks, discovery and every timer of this pool. Open leases can still be completed; new ones are refused.
     * Closing twice has no further effect.
     */
    @Override
    void close();
}
