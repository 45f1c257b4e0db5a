package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.PriorityQueue;

/** A clock that stands until {@link #runUntil} moves it from event to event. */
final class Simulator implements TimeSource, Scheduler {

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNanos;
    private long number;

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    /** Runs the action at a time that is not past; of several at one time, in the order of these calls. */
    Event at(long nanos, Runnable action) {
        Event event = new Event(Math.max(nanos, nowNanos), number++, action);
        events.add(event);
        return event;
    }

    Event after(long delayNanos, Runnable action) {
        return at(nowNanos + delayNanos, action);
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        return after(delay.toNanos(), task);
    }

    void runUntil(long endNanos) {
        for (Event next = events.peek(); next != null && next.atNanos <= endNanos; next = events.peek()) {
            events.poll();
            if (!next.cancelled) {
                nowNanos = next.atNanos;
                next.action.run();
            }
        }
        nowNanos = endNanos;
    }

    /** Something that is going to happen. */
    static final class Event implements Comparable<Event>, Cancellable {
        private final long atNanos;
        private final long number;
        private final Runnable action;
        private boolean cancelled;

        private Event(long atNanos, long number, Runnable action) {
            this.atNanos = atNanos;
            this.number = number;
            this.action = action;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }
}
