package dev.evenkeel.lb.testkit;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock and its timers. Time passes only in {@link #advance}. For one thread. */
final class VirtualClock implements TimeSource, Scheduler {
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number));
    private long nowNanos = 1_000_000_000L;
    private long number;

    private record Timer(long atNanos, long number, Runnable task) {}

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        boolean[] cancelled = {false};
        after(delay.toNanos(), () -> {
            if (!cancelled[0]) {
                task.run();
            }
        });
        return () -> cancelled[0] = true;
    }

    void after(long delayNanos, Runnable task) {
        timers.add(new Timer(nowNanos + delayNanos, number++, task));
    }

    /** Moves on, running what falls due on the way. */
    void advance(long nanos) {
        long until = nowNanos + nanos;
        for (Timer next = timers.peek(); next != null && next.atNanos <= until; next = timers.peek()) {
            timers.remove();
            nowNanos = Math.max(nowNanos, next.atNanos);
            next.task.run();
        }
        nowNanos = until;
    }
}
