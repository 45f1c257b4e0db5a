package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Source of a pool's backends. It pushes complete lists; the registry finds the differences.
 *
 * <p>After an error, and after an empty list unless the pool honours empty lists, the pool keeps its last good list. A
 * source uses the timers, random numbers and threads of its receiver, so that a test's clock drives it together with
 * the pool, and nothing of it is left when the pool is closed.
 *
 * <p>A source that wraps another one ({@code receiver -> other.start(…)}) passes on a receiver of its own, which offers
 * the same as the pool's.
 */
@FunctionalInterface
public interface BackendDiscovery {

    /**
     * Starts the discovery. Called once per pool, before the pool is returned to its user. It returns soon; what takes
     * long is done on {@link Receiver#executor}.
     *
     * @param receiver takes lists and errors, from any thread, one at a time, already during this call
     * @return stops the discovery when closed, with every thread and timer of this source
     */
    Watch start(Receiver receiver);

    /** A running discovery. */
    @FunctionalInterface
    interface Watch extends AutoCloseable {
        /** Stops. Results under way may still be passed to the receiver, which ignores them. */
        @Override
        void close();
    }

    /** Receives what a source finds, and offers what it needs for that. */
    interface Receiver {
        /**
         * Delivers the complete list as it is now.
         *
         * @param backends distinct ids; anything else is an error event and changes nothing
         */
        void backends(List<Backend> backends);

        /**
         * As {@link #backends(List)}, for a source that replaces backends while they are out
         * ({@link #watchUnavailable}). A replaced backend stays in the pool, but its tier's capacity is counted without
         * it until it is in use again: the backends that replace it are in the list, and count.
         *
         * @param backends distinct ids; anything else is an error event and changes nothing
         * @param replaced ids of the backends that further ones of the list replace; ids that the list does not have are
         *     ignored. A receiver that does not override this method ignores them all
         */
        default void backends(List<Backend> backends, Set<String> replaced) {
            backends(backends);
        }

        /**
         * Reports that the list could not be determined. The pool keeps what it has.
         *
         * @param cause the error
         */
        void error(Throwable cause);

        /**
         * Reports a fault that leaves the list in use: the source works, but a part of what it says cannot be used, such
         * as single entries. It is told like an error, but a source that combines others does not count the reporting
         * source as failed.
         *
         * @param cause the fault
         */
        default void ambientError(Throwable cause) {
            error(cause);
        }

        /**
         * Whether an empty list empties the pool. For a source that combines others, which must treat each of them by
         * this rule.
         *
         * @return false by default: an empty list counts as an error, and the last good one stays
         */
        default boolean honoursEmpty() {
            return false;
        }

        /**
         * Asks to hear which backends of the list the pool does not use now: they are down, draining, in maintenance,
         * ejected, resting, or their breaker is open. A source that delivers a part of a fleet can replace them while
         * they are out. A pool whose sources do not ask does nothing for it.
         *
         * @param listener receives the ids of all these backends whenever they change, one set at a time, outside of
         *     every lock of the pool; it may deliver another list
         */
        default void watchUnavailable(Consumer<Set<String>> listener) {}

        /**
         * The pool's timers. They are cancelled when the pool is closed.
         *
         * @return runs short tasks that never block
         */
        Scheduler scheduler();

        /**
         * The pool's clock.
         *
         * @return measures differences
         */
        TimeSource timeSource();

        /**
         * The pool's random generator, for jitter.
         *
         * @return safe for any thread
         */
        RandomGenerator random();

        /**
         * The executor for tasks that may block, such as a query to a name server.
         *
         * @return daemon threads {@code evenkeel-discovery}, which start when there is a task, end after 1 s without
         *     work, and are interrupted when the pool is closed; under a test's clock, the calling thread
         */
        Executor executor();
    }
}
