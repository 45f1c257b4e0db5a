package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A clock that stands until {@link #runUntil} moves it from event to event. */
final class Simulator implements TimeSource, Scheduler {

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    /**
     * Apart, since nearly all of them are cancelled and wait for long: of three million calls a second, each with a timeout of
     * 1 s, the other events are some tens of thousands. Polls of load reports have the same timeout.
     */
    private final Queue<Event> timeouts = new ArrayDeque<>();

    private final long timeoutNanos;
    private long nowNanos;
    private long number;

    /**
     * A clock at 0.
     *
     * @param timeoutNanos of each {@link #timeout}
     */
    Simulator(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

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

    /** As {@link #after} the timeout; made for many. */
    Event timeout(Runnable action) {
        Event event = new Event(nowNanos + timeoutNanos, number++, action);
        timeouts.add(event);
        return event;
    }

    Event after(long delayNanos, Runnable action) {
        return at(nowNanos + delayNanos, action);
    }

    @Override
    public Cancellable schedule(Runnable task, Duration delay) {
        long delayNanos = delay.toNanos();
        return delayNanos == timeoutNanos ? timeout(task) : after(delayNanos, task);
    }

    void runUntil(long endNanos) {
        for (Queue<Event> queue = next(); queue != null; queue = next()) {
            Event event = queue.element();
            if (event.atNanos > endNanos) {
                break;
            }
            queue.remove();
            Runnable action = event.action;
            if (action != null) {
                nowNanos = event.atNanos;
                action.run();
            }
        }
        nowNanos = endNanos;
    }

    /** The queue whose first event is the next; null if nothing is going to happen. */
    private @Nullable Queue<Event> next() {
        Event timeout = timeouts.peek();
        Event other = events.peek();
        if (timeout == null) {
            return other == null ? null : events;
        }
        return other == null || timeout.compareTo(other) < 0 ? timeouts : events;
    }

    /** Something that is going to happen. */
    static final class Event implements Comparable<Event>, Cancellable {
        private final long atNanos;
        private final long number;
        /** Null once it is cancelled: it waits for its time all the same, and should not keep a call until then. */
        private @Nullable Runnable action;

        private Event(long atNanos, long number, Runnable action) {
            this.atNanos = atNanos;
            this.number = number;
            this.action = action;
        }

        @Override
        public void cancel() {
            action = null;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }
}
