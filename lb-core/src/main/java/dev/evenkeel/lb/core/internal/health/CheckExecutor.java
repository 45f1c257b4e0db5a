package dev.evenkeel.lb.core.internal.health;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which checks begin, so that one that blocks keeps no timer waiting. As many as check at the same moment,
 * which {@link CheckConcurrencyLimiter} bounds; each ends after 5 s without work.
 */
final class CheckExecutor implements Executor {
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "evenkeel-check");
                thread.setDaemon(true);
                return thread;
            });

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    void close() {
        threads.shutdownNow();
    }
}
