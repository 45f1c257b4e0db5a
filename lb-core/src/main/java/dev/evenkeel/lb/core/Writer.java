package dev.evenkeel.lb.core;

import dev.evenkeel.lb.event.LoadBalancerEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The one way to change a pool's state: under one lock, ending in a new snapshot, told to listeners after the lock is free.
 * The call path reads {@link #current} and never waits for any of it.
 */
final class Writer {
    private final Settings settings;
    private final SnapshotBuilder snapshots;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    /** Every backend by id, the leaving ones included. Guarded by the lock. */
    final Map<String, BackendNode> nodes = new LinkedHashMap<>();

    private volatile Snapshot current;

    Writer(Settings settings, SnapshotBuilder snapshots) {
        this.settings = settings;
        this.snapshots = snapshots;
        this.current = snapshots.build(List.of(), false);
    }

    Snapshot current() {
        return current;
    }

    /**
     * Makes a change that somebody asked for. One that throws has changed nothing.
     *
     * @throws IllegalStateException if the pool is closed
     */
    void change(Runnable change) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("pool \"" + settings.name() + "\" is closed");
            }
            change.run();
            publish();
        } finally {
            lock.unlock();
        }
        settings.events().deliver();
    }

    /** Makes a change that something observed calls for; after the close, nothing does. */
    void observe(Runnable change) {
        consider(() -> {
            change.run();
            return true;
        });
    }

    /** Looks whether something observed calls for a change, and publishes only if it made one. */
    void consider(BooleanSupplier change) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (change.getAsBoolean()) {
                publish();
            }
        } finally {
            lock.unlock();
        }
        settings.events().deliver();
    }

    /** Makes the last change. False if it was made before. */
    boolean close(Runnable change) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            change.run();
            publish();
        } finally {
            lock.unlock();
        }
        settings.events().deliver();
        return true;
    }

    <T> T read(java.util.function.Supplier<T> reader) {
        lock.lock();
        try {
            return reader.get();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** To be told when the change is made. */
    void tell(LoadBalancerEvent event) {
        settings.events().add(event);
    }

    /** To be done when the change is made and the lock is free. */
    void afterwards(Runnable action) {
        settings.events().add(action);
    }

    private void publish() {
        current = snapshots.build(List.copyOf(nodes.values()), closed);
    }
}
