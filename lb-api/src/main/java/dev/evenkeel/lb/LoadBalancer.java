package dev.evenkeel.lb;

import dev.evenkeel.lb.event.LoadBalancerListener;
import dev.evenkeel.lb.spi.PoolFigures;

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
     * @return a {@link Lease} that the caller must complete, or {@link Unavailable}; a closed pool is unavailable
     */
    PickResult acquire(RequestContext context);

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
     * How fast the pool answers, as far as its own calls tell. Costs nothing: the same object every time, whose methods read.
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
     * Stops checks, discovery and every timer of this pool. Leases that are out can still be completed; new ones are
     * refused. Closing twice is closing once.
     */
    @Override
    void close();
}
