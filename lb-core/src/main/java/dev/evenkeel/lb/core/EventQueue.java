package dev.evenkeel.lb.core;

import dev.evenkeel.lb.event.LoadBalancerEvent;
import dev.evenkeel.lb.event.LoadBalancerListener;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Delivers events in order, one at a time and outside of every lock. The registry queues while it holds its lock and
 * delivers after it has let go; whoever finds a delivery under way leaves its events to that thread.
 */
final class EventQueue {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final List<LoadBalancerListener> listeners = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> pending = new ConcurrentLinkedQueue<>();
    private final AtomicInteger undelivered = new AtomicInteger();

    void addListener(LoadBalancerListener listener) {
        listeners.add(listener);
    }

    void removeListener(LoadBalancerListener listener) {
        listeners.remove(listener);
    }

    void add(LoadBalancerEvent event) {
        pending.add(() -> tell(event));
    }

    /** Something else that has to happen outside of the lock, in order with the events. */
    void add(Runnable action) {
        pending.add(action);
    }

    void deliver() {
        if (undelivered.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Runnable next = pending.poll(); next != null; next = pending.poll()) {
                run(next);
            }
            seen = undelivered.addAndGet(-seen);
        } while (seen != 0);
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a callback of a pool failed", e);
        }
    }

    private void tell(LoadBalancerEvent event) {
        LOG.log(System.Logger.Level.DEBUG, event);
        for (LoadBalancerListener listener : listeners) {
            try {
                listener.onEvent(event);
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a listener of pool \"" + event.pool() + "\" failed on " + event,
                        e);
            }
        }
    }
}
