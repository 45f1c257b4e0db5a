package dev.evenkeel.lb.spi;

import java.time.Duration;

/**
 * Runs things later. A pool has all its timers here, so that a test can drive a whole pool by its own clock.
 *
 * <p>Thread-safe. Tasks are short and never block.
 */
@FunctionalInterface
public interface Scheduler {

    /**
     * Runs a task once.
     *
     * @param task never throws
     * @param delay not negative
     * @return cancels the task if it has not begun
     */
    Cancellable schedule(Runnable task, Duration delay);

    /** Takes back something that was scheduled. */
    @FunctionalInterface
    interface Cancellable {
        /** Cancels; harmless if it is too late or done before. */
        void cancel();
    }
}
