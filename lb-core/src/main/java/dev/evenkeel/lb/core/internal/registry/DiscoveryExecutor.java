package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The threads on which a pool's discovery may block. No thread exists while discovery waits for its next turn, or after
 * the close.
 */
final class DiscoveryExecutor implements Executor {
    private final ThreadPoolExecutor threads =
            DaemonThreads.onDemand(DaemonThreads.named("evenkeel-discovery"), Duration.ofSeconds(1));

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
