package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendTable;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The only way to change a pool's state: a change runs under one lock and ends in a new snapshot; listeners are
 * notified after the lock is released. The call path reads {@link #current} and never waits for the lock.
 *
 * <p>A requested change takes effect at once. An observation does, too, while that is cheap. Snapshots for observations
 * take at most a tenth of the time: after an expensive one the next one is delayed, and includes all observations up to
 * then. In a large pool it is always delayed, since callers must load each new picker into their caches. A backend that
 * is certain to be closed is closed without delay, and a description of the pool ({@link #readPublished}) ends the delay.
 */
public final class SnapshotPublisher {
    /** After a snapshot, observations wait this many times as long as it took before they cause the next one. */
    private static final int PAUSE = 9;

    private static final long MAX_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long NEGLIGIBLE_NANOS = 50_000;
    /**
     * From this many backends on a pool is large. Observations then wait a microsecond per backend: 10 ms for 10,000.
     */
    private static final int LARGE = 1_000;

    private static final long PAUSE_PER_BACKEND_NANOS = 1_000;
    /**
     * A snapshot evaluates all backends if more than this many, and more than 1 in {@link #TOUCHED_PART}, were touched.
     */
    private static final int MAX_TOUCHED = 8;

    private static final int TOUCHED_PART = 16;

    private final PoolRuntime runtime;
    private final SnapshotBuilder snapshots;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private long publishedNanos;
    /**
     * Estimated cost of a snapshot. It rises in steps, so that a cold start or a pause of the machine does not count in
     * full.
     */
    private long costNanos;

    /** Guarded by the lock. */
    private final List<Runnable> awaitingPublication = new ArrayList<>();

    private boolean publicationDue;
    private boolean rampStepDue;

    /** All backends, including backends that are leaving. */
    public final BackendTable nodes = new BackendTable();
    /** The backends that may have changed since the last snapshot, as long as there are few. */
    private final List<BackendState> touched = new ArrayList<>();

    private boolean allTouched = true;

    private volatile Snapshot current;
    /** Null without a listener for new snapshots. Set before the first change. */
    private @Nullable Runnable afterPublication;

    public SnapshotPublisher(PoolRuntime runtime, SnapshotBuilder snapshots) {
        this.runtime = runtime;
        this.snapshots = snapshots;
        this.current = snapshots.build(BackendList.NONE, null, false);
    }

    /** Registers an action to run after each publication, when the lock is released. */
    public void onPublication(Runnable action) {
        afterPublication = action;
    }

    /** Under the lock: marks a backend that may have changed in a way that matters to the next snapshot. */
    public void touch(BackendState node) {
        if (allTouched || node.isTouched()) {
            return;
        }
        if (touched.size() >= MAX_TOUCHED && touched.size() >= nodes.size() / TOUCHED_PART) {
            touchAll();
            return;
        }
        node.touched(true);
        touched.add(node);
    }

    /** Under the lock: marks all backends, such as for a reload. */
    public void touchAll() {
        touched.forEach(node -> node.touched(false));
        touched.clear();
        allTouched = true;
    }

    /** Under the lock: removes a backend that has left. */
    public void remove(BackendState node) {
        nodes.remove(node);
        PickerCache.forget(node);
    }

    public Snapshot current() {
        return current;
    }

    /** Finds a backend by its id, including backends that are leaving. Takes no lock. */
    public @Nullable BackendState find(String id) {
        return nodes.get(id);
    }

    /**
     * Makes a requested change, which must have touched the backends that it changed. A change that throws must not
     * have changed anything.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public void updateNow(Runnable change) {
        updateNow(change, true);
    }

    /** As {@link #updateNow(Runnable)}, for a list of a source, which does not wait for what pickers put off. */
    public void updateFound(Runnable change) {
        updateNow(change, false);
    }

    private void updateNow(Runnable change, boolean awaited) {
        boolean deferred;
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("pool \"" + runtime.name() + "\" is closed");
            }
            change.run();
            deferred = publish(awaited);
        } finally {
            lock.unlock();
        }
        deliver(awaited && deferred);
    }

    /** Delivers events and, whatever their receivers throw, runs what pickers have put off. */
    private void deliver(boolean deferred) {
        try {
            runtime.events().deliver();
        } finally {
            if (deferred) {
                snapshots.deferred().finish();
            }
        }
    }

    /** Prepares subsets by these keys, for a client whose requests will ask for them. */
    public void declareSubsets(Set<String> keys) {
        boolean deferred;
        lock.lock();
        try {
            deferred = !closed && snapshots.declare(keys) && publish(true);
        } finally {
            lock.unlock();
        }
        deliver(deferred);
    }

    /**
     * Makes a change that follows from an observation and has touched the backends that it changed; ignored after the
     * close.
     */
    public void update(Runnable change) {
        updateIf(null, () -> {
            change.run();
            return true;
        });
    }

    /**
     * Makes a change if an observation calls for it.
     *
     * @param node the observed backend, the only one that changes unless others are touched; null if none in particular
     * @param change returns true if it has changed something that matters to calls
     */
    public void updateIf(@Nullable BackendState node, BooleanSupplier change) {
        lock.lock();
        try {
            if (!closed && change.getAsBoolean()) {
                if (node != null) {
                    touch(node);
                }
                publishSoon(node);
            }
        } finally {
            lock.unlock();
        }
        runtime.events().deliver();
    }

    private void publishSoon(@Nullable BackendState node) {
        long pauseNanos = Math.min(MAX_PAUSE_NANOS, Math.max(PAUSE * costNanos, minPauseNanos()));
        long waitNanos = publishedNanos + pauseNanos - runtime.timeSource().nanoTime();
        if (pauseNanos == 0 || waitNanos <= 0) {
            publish(false);
            return;
        }
        if (node != null) {
            snapshots.close(node);
        }
        if (!publicationDue) {
            runtime.scheduler().schedule(this::publishWhatIsDue, Duration.ofNanos(waitNanos));
            publicationDue = true;
        }
    }

    private long minPauseNanos() {
        int size = nodes.size();
        return size < LARGE ? 0 : size * PAUSE_PER_BACKEND_NANOS;
    }

    private void publishWhatIsDue() {
        lock.lock();
        try {
            if (publicationDue && !closed) {
                publish(false);
            }
        } finally {
            lock.unlock();
        }
        runtime.events().deliver();
    }

    /** Makes the last change and closes the pool. Returns false if the pool was closed before. */
    public boolean close(Runnable change) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            change.run();
            publish(true);
        } finally {
            lock.unlock();
        }
        runtime.events().deliver();
        return true;
    }

    /**
     * Reads the state with the effect that it has on calls: publishes first what observations have changed. For
     * descriptions of the whole pool, which cost as much as a snapshot. The timer that was set for the snapshot delivers
     * its events, so that no listener runs in the thread of a reader, which may hold locks.
     */
    public <T> T readPublished(Supplier<T> reader) {
        lock.lock();
        try {
            // A strategy may ask for a description while it makes the picker of a snapshot.
            if (publicationDue && !closed && lock.getHoldCount() == 1) {
                publish(false);
            }
            return reader.get();
        } finally {
            lock.unlock();
        }
    }

    public <T> T read(Supplier<T> reader) {
        lock.lock();
        try {
            return reader.get();
        } finally {
            lock.unlock();
        }
    }

    public boolean isClosed() {
        return closed;
    }

    /** Queues an event for delivery after the change. */
    public void tell(LoadBalancerEvent event) {
        runtime.events().add(event);
    }

    /** Queues an action to run after the change, when the lock is released. */
    public void afterwards(Runnable action) {
        runtime.events().add(action);
    }

    /** Queues an action to run when the snapshot with the change is published, and the lock is released. */
    public void whenPublished(Runnable action) {
        awaitingPublication.add(action);
    }

    /** Returns whether pickers have put off work of the new snapshot. */
    private boolean publish(boolean awaited) {
        long startNanos = runtime.timeSource().nanoTime();
        if (touched.size() > 1) {
            touched.sort(Comparator.comparingLong(node -> node.number()));
        }
        current = snapshots.build(nodes.values(), allTouched ? null : touched, closed);
        snapshots.closePending();
        boolean deferred = snapshots.deferred().published(awaited);
        touched.forEach(node -> node.touched(false));
        touched.clear();
        allTouched = false;
        publishedNanos = runtime.timeSource().nanoTime();
        costNanos = Math.min(publishedNanos - startNanos, 2 * costNanos + NEGLIGIBLE_NANOS);
        publicationDue = false;
        awaitingPublication.forEach(this::afterwards);
        awaitingPublication.clear();
        Runnable action = afterPublication;
        if (action != null) {
            afterwards(action);
        }
        if (snapshots.slowStart().running() && !rampStepDue && !closed) {
            runtime.scheduler().schedule(this::stepRamps, snapshots.slowStart().step());
            rampStepDue = true;
        }
        return deferred;
    }

    private void stepRamps() {
        update(() -> {
            rampStepDue = false;
            snapshots.slowStart().endStep();
        });
    }
}
