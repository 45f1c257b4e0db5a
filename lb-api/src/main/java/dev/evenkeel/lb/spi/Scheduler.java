package dev.evenkeel.lb.spi;

import java.time.Duration;

/**
 * Runs tasks later. All timers of a pool use it, so that a test can drive a whole pool by its own clock.
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

    /** Cancels a scheduled task. */
    @FunctionalInterface
    interface Cancellable {
        /** Cancels the task; has no effect if it has begun or was cancelled before. */
        void cancel();
    }
}
