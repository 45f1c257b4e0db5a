package dev.evenkeel.lb.core;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.TreeSet;

/** A clock and its timers, moved by the test alone. */
public final class VirtualTime implements TimeSource, Scheduler {
    private final TreeSet<Timer> timers =
            new TreeSet<>(Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number));
    private long nowNanos = 1_000_000_000L;
    private long number;

    private record Timer(long atNanos, long number, Runnable task) {}

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized Cancellable schedule(Runnable task, Duration delay) {
        Timer timer = new Timer(nowNanos + delay.toNanos(), number++, task);
        timers.add(timer);
        return () -> {
            synchronized (this) {
                timers.remove(timer);
            }
        };
    }

    /** Moves on, running what falls due on the way. */
    public void advance(Duration duration) {
        long until;
        synchronized (this) {
            until = nowNanos + duration.toNanos();
        }
        for (Timer due = next(until); due != null; due = next(until)) {
            due.task().run();
        }
        synchronized (this) {
            nowNanos = until;
        }
    }

    private synchronized Timer next(long until) {
        if (timers.isEmpty() || timers.first().atNanos() > until) {
            return null;
        }
        Timer timer = timers.pollFirst();
        nowNanos = Math.max(nowNanos, timer.atNanos());
        return timer;
    }

    public synchronized int pendingTimers() {
        return timers.size();
    }
}
