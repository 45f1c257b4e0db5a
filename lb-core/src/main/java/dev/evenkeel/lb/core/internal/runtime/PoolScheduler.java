package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.LimitedLog;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one pool. When the pool is closed all of them are cancelled, regardless of the scheduler that runs
 * them.
 */
public final class PoolScheduler implements Scheduler {

    private final Scheduler scheduler;
    private final LimitedLog log;
    private final Set<Timer> pending = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    public PoolScheduler(Scheduler scheduler, TimeSource clock) {
        this.scheduler = scheduler;
        this.log = new LimitedLog(PoolLog.LOG, "a pool's timers", PoolLog.MAX_FAULTS, PoolLog.PERIOD, clock, scheduler);
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        Timer timer = new Timer(task);
        if (!closed) {
            pending.add(timer);
            timer.scheduled = scheduler.schedule(timer, delay);
            if (closed) {
                timer.cancel();
            }
        }
        return timer;
    }

    public void close() {
        closed = true;
        pending.forEach(Timer::cancel);
        if (scheduler instanceof SharedScheduler shared) {
            shared.close();
        }
    }

    private final class Timer implements Runnable, Cancellable {
        private final Runnable task;
        private volatile @Nullable Cancellable scheduled;

        Timer(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (pending.remove(this) && !closed) {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    log.log(System.Logger.Level.WARNING, () -> "one of them failed", e);
                    Containment.rethrowFatal(e);
                }
            }
        }

        @Override
        public void cancel() {
            pending.remove(this);
            Cancellable running = scheduled;
            if (running != null) {
                running.cancel();
            }
        }
    }
}
