package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendTable;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
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
 * The one way to change a pool's state: under one lock, ending in a new snapshot, told to listeners after the lock is free.
 * The call path reads {@link #current} and never waits for any of it.
 *
 * <p>What somebody asks for is in force at once. What is observed is, too, while that is cheap; but of the time, snapshots
 * made for it take no more than a tenth: after one that took long, the next one waits and takes in all that was observed
 * meanwhile. In a large pool it waits in any case, since a new picker costs the callers something, too: their caches have to fetch
 * it. A backend that has to be closed is closed without waiting, as long as there is no doubt about it.
 */
public final class SnapshotPublisher {
    /** For each unit of time that a snapshot takes, this many pass before observation makes the next. */
    private static final int REST = 9;

    private static final long MAX_REST_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long NEGLIGIBLE_NANOS = 50_000;
    /** A pool of so many is large; for each backend of it a microsecond passes: 10 ms for 10,000. */
    private static final int LARGE = 1_000;

    private static final long REST_PER_BACKEND_NANOS = 1_000;
    /** If more than so many are touched, and more than this part of the pool, a snapshot looks at all. */
    private static final int MAX_TOUCHED = 8;

    private static final int TOUCHED_PART = 16;

    private final PoolConfig settings;
    private final SnapshotBuilder snapshots;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private long publishedNanos;
    /** What a snapshot takes. Grows by steps: a cold start, or a pause of the machine, is not the snapshot's. */
    private long costNanos;

    private boolean publicationDue;
    private boolean rampStepDue;

    /** Every backend, the leaving ones included. */
    public final BackendTable nodes = new BackendTable();
    /** Those that may have changed since the last snapshot, as long as they are few. */
    private final List<BackendState> touched = new ArrayList<>();

    private boolean allTouched = true;

    private volatile Snapshot current;
    /** Null if nobody waits for new snapshots. Set before the first change. */
    private @Nullable Runnable afterPublication;

    public SnapshotPublisher(PoolConfig settings, SnapshotBuilder snapshots) {
        this.settings = settings;
        this.snapshots = snapshots;
        this.current = snapshots.build(BackendList.NONE, null, false);
    }

    /** Has something done after each publication, when the lock is free. */
    public void onPublication(Runnable action) {
        afterPublication = action;
    }

    /** Under the lock: a backend may have changed in a way that matters to the next snapshot. */
    public void touch(BackendState node) {
        if (allTouched || node.touched) {
            return;
        }
        if (touched.size() >= MAX_TOUCHED && touched.size() >= nodes.size() / TOUCHED_PART) {
            touchAll();
            return;
        }
        node.touched = true;
        touched.add(node);
    }

    private void touchAll() {
        touched.forEach(node -> node.touched = false);
        touched.clear();
        allTouched = true;
    }

    /** Under the lock: snapshots are made by other rules. */
    public void reconfigure(PoolConfig next) {
        touchAll();
        snapshots.reconfigure(next);
    }

    public Snapshot current() {
        return current;
    }

    /** The backend of an id, the leaving ones included. Takes no lock. */
    public @Nullable
    BackendState find(String id) {
        return nodes.get(id);
    }

    /**
     * Makes a change that somebody asked for, and that has touched whom it has changed. One that throws has changed nothing.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public void change(Runnable change) {
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

    /** Sees to it that subsets by these keys are ready, if they can be: for a call that waits for nothing else. */
    public void learn(Set<String> keys) {
        lock.lock();
        try {
            if (!closed && snapshots.learn(keys)) {
                touchAll();
                publish();
            }
        } finally {
            lock.unlock();
        }
        settings.events().deliver();
    }

    /** Makes a change that something observed calls for, and that has touched whom it has changed; after the close, nothing does. */
    public void observe(Runnable change) {
        consider(null, () -> {
            change.run();
            return true;
        });
    }

    /** As {@link #observe(Runnable)}; of this backend, which may have to be closed. */
    void observe(BackendState node, Runnable change) {
        consider(node, () -> {
            change.run();
            return true;
        });
    }

    /**
     * Looks whether something observed calls for a change.
     *
     * @param node of which it was observed, the only one that changes unless others are touched; null if of none in particular
     * @param change true if it has changed something that matters to calls
     */
    public void consider(@Nullable BackendState node, BooleanSupplier change) {
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
        settings.events().deliver();
    }

    private void publishSoon(@Nullable BackendState node) {
        long restNanos = Math.min(MAX_REST_NANOS, Math.max(REST * costNanos, leastRestNanos()));
        long waitNanos = publishedNanos + restNanos - settings.timeSource().nanoTime();
        if (restNanos == 0 || waitNanos <= 0) {
            publish();
            return;
        }
        if (node != null) {
            snapshots.close(node);
        }
        if (!publicationDue) {
            publicationDue = true;
            settings.scheduler().schedule(this::publishWhatIsDue, Duration.ofNanos(waitNanos));
        }
    }

    private long leastRestNanos() {
        int size = nodes.size();
        return size < LARGE ? 0 : size * REST_PER_BACKEND_NANOS;
    }

    private void publishWhatIsDue() {
        lock.lock();
        try {
            if (publicationDue && !closed) {
                publish();
            }
        } finally {
            lock.unlock();
        }
        settings.events().deliver();
    }

    /** Makes the last change. False if it was made before. */
    public boolean close(Runnable change) {
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

    /** To be told when the change is made. */
    public void tell(LoadBalancerEvent event) {
        settings.events().add(event);
    }

    /** To be done when the change is made and the lock is free. */
    public void afterwards(Runnable action) {
        settings.events().add(action);
    }

    /** Within a change, under the lock: what has changed so far is in force before more does. */
    public void publishSoFar() {
        publish();
    }

    private void publish() {
        long startNanos = settings.timeSource().nanoTime();
        touched.sort(Comparator.comparingLong(node -> node.number));
        current = snapshots.build(nodes.values(), allTouched ? null : touched, closed);
        snapshots.closeThoseOut();
        touched.forEach(node -> node.touched = false);
        touched.clear();
        allTouched = false;
        publishedNanos = settings.timeSource().nanoTime();
        costNanos = Math.min(publishedNanos - startNanos, 2 * costNanos + NEGLIGIBLE_NANOS);
        publicationDue = false;
        Runnable action = afterPublication;
        if (action != null) {
            afterwards(action);
        }
        if (snapshots.ramps().running() && !rampStepDue && !closed) {
            rampStepDue = true;
            settings.scheduler().schedule(this::stepRamps, snapshots.ramps().step());
        }
    }

    private void stepRamps() {
        observe(() -> rampStepDue = false);
    }
}
