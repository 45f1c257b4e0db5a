package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.internal.concurrent.SerialLoop;
import dev.evenkeel.lb.core.internal.log.Containment;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Delivers events in order, one at a time and outside of every lock. The registry queues them while it holds its lock,
 * and delivers after it has released it. A thread that finds another one delivering leaves its events to that thread.
 *
 * <p>A listener that throws affects only its own event. Errors of the virtual machine are rethrown when all is
 * delivered.
 */
public final class EventDispatcher {
    private final PoolLog log;
    private final List<LoadBalancerListener> listeners = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> pending = new ConcurrentLinkedQueue<>();
    private final SerialLoop deliveries = new SerialLoop();
    /** Receives an event before the listeners do. */
    private volatile @Nullable LoadBalancerListener eventLog;

    public EventDispatcher(PoolLog log) {
        this.log = log;
    }

    /** The pool's log. */
    public PoolLog log() {
        return log;
    }

    /** Adds the listener that writes events to the log. */
    public void logBy(LoadBalancerListener listener) {
        eventLog = listener;
    }

    public void addListener(LoadBalancerListener listener) {
        listeners.add(listener);
    }

    public void removeListener(LoadBalancerListener listener) {
        listeners.remove(listener);
    }

    public void add(LoadBalancerEvent event) {
        pending.add(() -> tell(event));
    }

    /** Queues an action that must run outside of the lock, in order with the events. */
    public void add(Runnable action) {
        pending.add(action);
    }

    public void deliver() {
        deliveries.run(this::runPending);
    }

    private void runPending() {
        Throwable fatal = null;
        for (Runnable next = pending.poll(); next != null; next = pending.poll()) {
            Throwable thrown = run(next);
            fatal = fatal == null ? thrown : fatal;
        }
        if (fatal != null) {
            Containment.rethrowFatal(fatal);
        }
    }

    /** Runs an action. Returns an error that must be rethrown. */
    private @Nullable Throwable run(Runnable action) {
        try {
            action.run();
            return null;
        } catch (RuntimeException | Error e) {
            log.fault(e, () -> "a callback failed");
            return Containment.isFatal(e) ? e : null;
        }
    }

    private void tell(LoadBalancerEvent event) {
        Throwable fatal = null;
        LoadBalancerListener first = eventLog;
        if (first != null) {
            fatal = tell(first, event, fatal);
        }
        for (LoadBalancerListener listener : listeners) {
            fatal = tell(listener, event, fatal);
        }
        if (fatal != null) {
            Containment.rethrowFatal(fatal);
        }
    }

    private @Nullable Throwable tell(
            LoadBalancerListener listener, LoadBalancerEvent event, @Nullable Throwable before) {
        try {
            listener.onEvent(event);
            return before;
        } catch (RuntimeException | Error e) {
            log.fault(e, () -> "a listener failed on " + LogText.event(event));
            return before == null && Containment.isFatal(e) ? e : before;
        }
    }
}
