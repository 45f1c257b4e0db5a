package dev.evenkeel.lb.core.internal.registry;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which a pool's discovery may block. No thread exists while discovery waits for its next turn, or after
 * the close.
 */
final class DiscoveryExecutor implements Executor {
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "evenkeel-discovery");
                thread.setDaemon(true);
                return thread;
            });

    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            if (!threads.isShutdown()) {
                throw e;
            }
            // The pool is closed: the result of this task is not needed any more.
        }
    }

    void close() {
        threads.shutdownNow();
    }
}
