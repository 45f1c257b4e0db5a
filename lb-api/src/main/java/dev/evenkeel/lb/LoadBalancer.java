package dev.evenkeel.lb;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A pool: a named set of backends with one strategy and one health policy. Made by {@code LoadBalancers} in
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
     * @param context what is known of the request
     * @return a {@link Lease} that the caller must complete, or {@link Unavailable}; a closed pool is unavailable, and
     *     so is one that is full or has requests waiting in its queue
     */
    PickResult acquire(RequestContext context);

    /**
     * As {@link #acquire}, but if the pool is full and has a queue, the request waits there. Never blocks: the wait is
     * the future's. First come, first served; a further attempt of a call, which has
     * {@linkplain RequestContext#tried tried} a backend, comes before first ones.
     *
     * <p>The future never fails. It ends with a {@link Lease} as soon as there is room, and with {@link Unavailable}
     * when the time is over, the pool is closed or has nobody to wait for any more, or if the queue is full. Cancelling
     * it leaves the queue; a lease that is granted at that very moment is given back. Actions that depend on it run on
     * the thread that makes room, and had better be short, or asynchronous.
     *
     * @param context what is known of the request; asked by other threads, one at a time, while the request waits
     * @return done if the request need not wait, or cannot
     */
    default CompletableFuture<PickResult> acquireOrWait(RequestContext context) {
        return CompletableFuture.completedFuture(acquire(context));
    }

    /**
     * Says what a request finds: which backends it may be given, what the strategy thinks of each, and what stands
     * against the others. Acquires nothing and changes nothing; what is acquired next may find the figures moved by
     * calls in between. Costs time in proportion to the number of backends, and takes the lock of the pool's changes:
     * for calls that ask, not for all.
     *
     * @param context what is known of the request
     * @return the decision before it is made, to be completed by {@link Decision#with}
     */
    default Decision explain(RequestContext context) {
        return new Decision(name(), snapshot().strategy(), List.of(), context.boundBackend(), null, "");
    }

    /**
     * Writes decisions to the log: each as {@link #explain} has it, with what {@link #acquire} then gave, in one line
     * of the {@code System.Logger} named {@code dev.evenkeel.lb.decisions}, at the level INFO. Off by default; may be
     * switched on and off at any time. While it is off it costs one read; while it is on, only calls that are written
     * pay. By default nothing happens.
     *
     * @param oneOf one call of so many, chosen by chance; 1 for all, 0 for none
     * @throws IllegalArgumentException if negative
     */
    default void logDecisions(int oneOf) {}

    /**
     * The list of backends, to be changed.
     *
     * @return the same object every time
     */
    BackendRegistry registry();

    /**
     * What the pool looks like now, for people and for monitoring. Costs time in proportion to the number of backends.
     *
     * @return an immutable description
     */
    PoolSnapshot snapshot();

    /**
     * How fast the pool answers, as far as its own calls tell. Costs nothing: the same object every time, whose methods
     * read.
     *
     * @return live figures; {@link PoolFigures#NONE} if there are none
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
     * @param listener one that was added; otherwise nothing happens
     */
    void removeListener(LoadBalancerListener listener);

    /**
     * Adds an observer of attempts. By default nothing happens.
     *
     * @param observer hears of every attempt that ends from now on
     */
    default void addObserver(AttemptObserver observer) {}

    /**
     * Removes an observer of attempts. By default nothing happens.
     *
     * @param observer one that was added; otherwise nothing happens
     */
    default void removeObserver(AttemptObserver observer) {}

    /**
     * Stops checks, discovery and every timer of this pool. Leases that are out can still be completed; new ones are
     * refused. Closing twice is closing once.
     */
    @Override
    void close();
}
