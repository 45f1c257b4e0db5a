package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import java.util.List;

/**
 * Where a pool's backends come from. A source pushes whole lists; the registry finds out what changed.
 *
 * <p>After an error, and after an empty list unless the pool is told to honour it, the pool keeps its last good list.
 */
@FunctionalInterface
public interface BackendDiscovery {

    /**
     * Starts to watch. Called once a pool.
     *
     * @param receiver takes lists and errors, from any thread, one at a time
     * @return stops watching when closed, and every thread and timer of this source with it
     */
    Watch start(Receiver receiver);

    /** A running discovery. */
    @FunctionalInterface
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** Takes what a source finds. */
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
    }
}
