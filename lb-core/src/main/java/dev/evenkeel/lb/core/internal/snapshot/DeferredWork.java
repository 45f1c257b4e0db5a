package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What pickers have put off until their snapshot is published.
 *
 * <p>After a requested change it runs in the thread that made the change, before the change returns. After
 * an observation or a list of a source it runs on a thread of its own, since calls, timers and streams of a source must not
 * wait for it. That takes about a tenth of the time, as snapshots for observations do: what is queued meanwhile waits.
 */
final class DeferredWork {
    /** After work that nothing awaits, the next waits this many times as long as it took. */
    private static final int PAUSE = 9;

    private static final long MAX_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

    private final PoolRuntime runtime;
    private final Executor executor;

    // Guarded by the monitor, under which no work runs.
    /** That of the snapshot that is being built. */
    private final Set<Runnable> ofNext = new LinkedHashSet<>();

    private Set<Runnable> waiting = new LinkedHashSet<>();
    /** Whether work that nothing awaits runs, or is about to. */
    private boolean due;

    private long pauseNanos;
    private long endNanos;

    /** Held while work runs, so that a change that awaits it awaits what another thread has taken, too. */
    private final ReentrantLock running = new ReentrantLock();

    DeferredWork(PoolRuntime runtime) {
        this.runtime = runtime;
        Executor given = runtime.checkExecutor();
        this.executor = given != null
                ? given
                : DaemonThreads.oneOnDemand(DaemonThreads.named("evenkeel-picker"), Duration.ofSeconds(1));
    }

    /** Under the pool's lock: adds work of the next snapshot. Work that waits already, by {@code equals}, runs once. */
    synchronized void add(Runnable work) {
        ofNext.add(work);
    }

    /**
     * Under the pool's lock: the snapshot is published.
     *
     * @param awaited whether {@link #finish} follows, when the lock is released
     * @return whether there is work of it
     */
    boolean published(boolean awaited) {
        boolean deferred = queue();
        if (deferred && !awaited) {
            runtime.events().add(this::begin);
        }
        return deferred;
    }

    /** Without the pool's lock: runs what is queued, and waits for what runs. */
    void finish() {
        running.lock();
        try {
            run();
        } finally {
            running.unlock();
        }
    }

    private synchronized boolean queue() {
        waiting.addAll(ofNext);
        boolean deferred = !ofNext.isEmpty();
        ofNext.clear();
        return deferred;
    }

    private void begin() {
        long waitNanos;
        synchronized (this) {
            if (due || waiting.isEmpty()) {
                return;
            }
            due = true;
            waitNanos = pauseNanos == 0
                    ? 0
                    : endNanos + pauseNanos - runtime.timeSource().nanoTime();
        }
        if (waitNanos <= 0) {
            start();
        } else {
            startAfter(Duration.ofNanos(waitNanos));
        }
    }

    private void startAfter(Duration wait) {
        try {
            runtime.scheduler().schedule(this::start, wait);
        } catch (RuntimeException | Error e) {
            isOver(); // The next change begins it.
            throw e;
        }
    }

    private void start() {
        try {
            executor.execute(this::runDue);
        } catch (RuntimeException | Error e) {
            isOver();
            beginLater();
            throw e;
        }
    }

    /** Tries again what could not be done now, for want of a thread or of memory. */
    private void beginLater() {
        runtime.scheduler().schedule(this::begin, Duration.ofNanos(MAX_PAUSE_NANOS));
    }

    private void runDue() {
        try {
            long startNanos = runtime.timeSource().nanoTime();
            finish();
            ended(startNanos);
        } finally {
            isOver();
        }
        begin();
    }

    private synchronized void isOver() {
        due = false;
    }

    private synchronized void ended(long startNanos) {
        endNanos = runtime.timeSource().nanoTime();
        pauseNanos = Math.min(MAX_PAUSE_NANOS, PAUSE * (endNanos - startNanos));
    }

    /** Runs what waits. What a fatal error has ended, or kept from its turn, waits again. */
    private void run() {
        Set<Runnable> left = Set.of();
        boolean done = false;
        try {
            left = taken();
            runEach(left);
            done = true;
        } finally {
            if (!done) {
                putBack(left);
                beginLater();
            }
        }
    }

    private void runEach(Set<Runnable> left) {
        Throwable fatal = null;
        for (Iterator<Runnable> each = left.iterator(); each.hasNext(); ) {
            try {
                each.next().run();
                each.remove();
            } catch (RuntimeException | Error e) {
                if (Containment.isFatal(e)) {
                    fatal = e;
                } else {
                    each.remove();
                }
                // Last, since it may fail for want of memory, too.
                runtime.events().log().fault(e, () -> "a callback failed");
            }
        }
        if (fatal != null) {
            Containment.rethrowFatal(fatal);
        }
    }

    private synchronized void putBack(Set<Runnable> left) {
        waiting.addAll(left);
    }

    private synchronized Set<Runnable> taken() {
        Set<Runnable> taken = waiting;
        waiting = new LinkedHashSet<>();
        return taken;
    }
}
