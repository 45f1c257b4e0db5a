package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Where a pool's backends come from. A source pushes whole lists; the registry finds out what changed.
 *
 * <p>After an error, and after an empty list unless the pool is told to honour it, the pool keeps its last good list. A
 * source waits, draws lots and blocks by what its receiver offers, so that a test's clock drives it as it drives the
 * pool, and so that nothing of it is left when the pool is closed.
 *
 * <p>One that wraps another ({@code receiver -> other.start(…)}) hands on a receiver of its own, which offers what the
 * pool's offers.
 */
@FunctionalInterface
public interface BackendDiscovery {

    /**
     * Starts to watch. Called once a pool, before the pool is handed out. It returns soon; what takes long is done on
     * {@link Receiver#executor}.
     *
     * @param receiver takes lists and errors, from any thread, one at a time, already during this call
     * @return stops watching when closed, and every thread and timer of this source with it
     */
    Watch start(Receiver receiver);

    /** A running discovery. */
    @FunctionalInterface
    interface Watch extends AutoCloseable {
        /** Stops. What is under way may still be told to the receiver, which no longer listens. */
        @Override
        void close();
    }

    /** Takes what a source finds, and offers what it needs to find it. */
    interface Receiver {
        /**
         * The whole list as it is now.
         *
         * @param backends distinct ids; anything else is an error event and changes nothing
         */
        void backends(List<Backend> backends);

        /**
         * The list could not be found out. The pool keeps what it has.
         *
         * @param cause what went wrong
         */
        void error(Throwable cause);

        /**
         * Whether an empty list empties the pool. For a source made of others, which has to treat each of them by this
         * rule.
         *
         * @return false by default: an empty list counts as an error, and the last good one stays
         */
        default boolean honoursEmpty() {
            return false;
        }

        /**
         * The pool's timers. None of them is left after the pool is closed.
         *
         * @return runs short tasks that never block
         */
        Scheduler scheduler();

        /**
         * The pool's clock.
         *
         * @return tells differences
         */
        TimeSource timeSource();

        /**
         * The pool's randomness, for jitter.
         *
         * @return safe for any thread
         */
        RandomGenerator random();

        /**
         * Where things may block, such as the question to a name server.
         *
         * @return daemon threads {@code evenkeel-discovery}, which start when there is something to do, end after 1 s
         *     without work, and are interrupted when the pool is closed; under a clock of a test's, the calling thread
         */
        Executor executor();
    }
}
