package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Delivers what a source finds to its pool, in order and one at a time: a list at once if none was delivered within the
 * last 100 ms, otherwise the latest of them when that time is over. So an entry that changes 50 times a second makes ten
 * lists, and a single change waits for nothing. An error goes behind the lists that were found before it.
 *
 * <p>Thread-safe. The pool is called without a lock.
 */
final class ListPublisher {
    static final Duration INTERVAL = Duration.ofMillis(100);

    private final BackendDiscovery.Receiver receiver;

    // Guarded by this.
    private final Queue<Runnable> due = new ArrayDeque<>();
    private @Nullable List<Backend> waiting;
    private @Nullable List<Backend> delivered;
    private long deliveredNanos;
    /** Whether the list that waits is delivered even if it is the one that was delivered before. */
    private boolean again;

    private boolean scheduled;
    private Scheduler.@Nullable Cancellable timer;
    private boolean delivering;
    private boolean closed;

    ListPublisher(BackendDiscovery.Receiver receiver) {
        this.receiver = receiver;
    }

    /** Delivers a list, unless it is the one before and not wanted again. */
    void list(List<Backend> backends, boolean wantedAgain) {
        Duration wait;
        synchronized (this) {
            waiting = backends;
            again |= wantedAgain;
            if (scheduled) {
                return;
            }
            wait = untilNext();
            if (wait.isZero()) {
                takeWaiting();
            } else {
                scheduled = true;
            }
        }
        if (wait.isZero()) {
            deliver();
        } else {
            schedule(wait);
        }
    }

    void error(Throwable cause) {
        error(() -> receiver.error(cause));
    }

    /** Delivers a fault that leaves the list in use. */
    void ambientError(Throwable cause) {
        error(() -> receiver.ambientError(cause));
    }

    private void error(Runnable report) {
        synchronized (this) {
            takeWaiting();
            due.add(report);
        }
        deliver();
    }

    /** Delivers nothing from now on. */
    synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }

    private Duration untilNext() {
        long passedNanos = receiver.timeSource().nanoTime() - deliveredNanos;
        return delivered == null || passedNanos >= INTERVAL.toNanos()
                ? Duration.ZERO
                : INTERVAL.minusNanos(Math.max(0, passedNanos));
    }

    private void schedule(Duration wait) {
        Scheduler.Cancellable next =
                receiver.scheduler().schedule(() -> receiver.executor().execute(this::intervalIsOver), wait);
        synchronized (this) {
            timer = next;
            if (closed) {
                next.cancel();
            }
        }
    }

    private void intervalIsOver() {
        synchronized (this) {
            scheduled = false;
            takeWaiting();
        }
        deliver();
    }

    private synchronized void takeWaiting() {
        List<Backend> list = waiting;
        if (list != null && (again || !list.equals(delivered))) {
            delivered = list;
            deliveredNanos = receiver.timeSource().nanoTime();
            due.add(() -> receiver.backends(list));
        }
        waiting = null;
        again = false;
    }

    private void deliver() {
        while (true) {
            Runnable next;
            synchronized (this) {
                next = delivering || closed ? null : due.poll();
                delivering |= next != null;
            }
            if (next == null) {
                return;
            }
            try {
                next.run();
            } finally {
                synchronized (this) {
                    delivering = false;
                }
            }
        }
    }
}
