package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The single daemon thread, {@code evenkeel-timer}, for the timers of all pools and their background tasks. It starts
 * with the first timer and ends when its last user is closed. Thread-safe.
 */
public final class SharedScheduler implements Scheduler, AutoCloseable {
    private static final Object LOCK = new Object();
    private static @Nullable ScheduledThreadPoolExecutor executor;
    private static int users;

    /** The thread wakes up once for all timers of this time. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Duration LONG = Duration.ofMillis(100);

    private boolean closed;

    /** Adds a user of the thread. */
    public SharedScheduler() {
        synchronized (LOCK) {
            users++;
        }
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        try {
            ScheduledThreadPoolExecutor timers = executor();
            if (timers != null) {
                long nanos = delay.toNanos() + slack(System.nanoTime(), delay);
                ScheduledFuture<?> future = timers.schedule(task, nanos, TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }
        } catch (RejectedExecutionException e) {
            // The last pool was closed in between.
        }
        return () -> {};
    }

    /**
     * How much later a timer may run, so that timers of many backends run together: a long one up to a millisecond, a short one
     * not at all.
     *
     * @param nowNanos by {@link System#nanoTime}
     */
    static long slack(long nowNanos, Duration delay) {
        return delay.compareTo(LONG) < 0 ? 0 : Math.floorMod(-(nowNanos + delay.toNanos()), SLACK_NANOS);
    }

    /** Starts the thread if there is none; null once this user is closed: its tasks are not needed any more. */
    private @Nullable ScheduledThreadPoolExecutor executor() {
        synchronized (LOCK) {
            if (closed) {
                return null;
            }
            if (executor == null) {
                executor = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("evenkeel-timer"));
                executor.setRemoveOnCancelPolicy(true);
            }
            return executor;
        }
    }

    /** Removes a user of the thread. Pending timers run only while there is another user. */
    @Override
    public void close() {
        synchronized (LOCK) {
            if (closed) {
                return;
            }
            closed = true;
            users--;
            if (users == 0 && executor != null) {
                executor.shutdownNow();
                executor = null;
            }
        }
    }
}
