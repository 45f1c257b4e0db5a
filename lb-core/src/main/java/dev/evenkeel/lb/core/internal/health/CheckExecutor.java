package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Threads on which checks begin, so that a check that blocks does not delay a timer. There are as many as checks run at
 * the same moment, bounded by {@link CheckConcurrencyLimiter}; each ends after 5 s without work.
 */
final class CheckExecutor implements Executor {
    private final ThreadPoolExecutor threads =
            DaemonThreads.onDemand(DaemonThreads.named("evenkeel-check"), Duration.ofSeconds(5));

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    void close() {
        threads.shutdownNow();
    }
}
