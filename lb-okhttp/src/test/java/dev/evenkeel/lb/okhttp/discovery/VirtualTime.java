package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A clock and its timers, moved by the test alone. */
public final class VirtualTime implements TimeSource, Scheduler {
    private final List<Timer> timers = new ArrayList<>();
    private long nowNanos = 1_000_000_000L;

    private record Timer(long atNanos, Runnable task) {}

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized Cancellable schedule(Runnable task, Duration delay) {
        Timer timer = new Timer(nowNanos + delay.toNanos(), task);
        timers.add(timer);
        return () -> {
            synchronized (this) {
                timers.remove(timer);
            }
        };
    }

    synchronized boolean hasTimer() {
        return !timers.isEmpty();
    }

    /** Moves on to the next timer and runs it. */
    void advanceToNextTimer() {
        Timer next;
        synchronized (this) {
            next = timers.stream().min(Comparator.comparingLong(Timer::atNanos)).orElseThrow();
            timers.remove(next);
            nowNanos = Math.max(nowNanos, next.atNanos);
        }
        next.task.run();
    }

    /** Moves on for a while, and runs the timers that are due meanwhile in their order. */
    public void advance(Duration duration) {
        long untilNanos = nanoTime() + duration.toNanos();
        while (isDue(untilNanos)) {
            advanceToNextTimer();
        }
        synchronized (this) {
            nowNanos = untilNanos;
        }
    }

    private synchronized boolean isDue(long untilNanos) {
        return timers.stream().anyMatch(timer -> timer.atNanos <= untilNanos);
    }
}
