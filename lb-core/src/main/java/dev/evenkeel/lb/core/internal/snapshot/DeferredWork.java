package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * What pickers have put off until their snapshot is published.
 *
 * <p>After a requested change it runs in the thread that delivers the change's events, before the change returns. After
 * an observation or a list of a source it runs on a thread of its own, since calls, timers and streams of a source must not
 * wait for it. That takes about a tenth of the time, as snapshots for observations do: what is queued meanwhile waits.
 */
final class DeferredWork {
    /** After work that nothing awaits, the next waits this many times as long as it took. */
    private static final int PAUSE = 9;

    private static final long MAX_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

    private final PoolRuntime runtime;
    private final Executor executor;
    /** That of the snapshot that is being built. Guarded by the pool's lock. */
    private final List<Runnable> ofNext = new ArrayList<>();

    // Guarded by the monitor, under which no work runs.
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    /** Whether work that nothing awaits runs, or is about to. */
    private boolean due;

    private long pauseNanos;
    private long endNanos;

    DeferredWork(PoolRuntime runtime) {
        this.runtime = runtime;
        Executor given = runtime.checkExecutor();
        this.executor = given != null
                ? given
                : DaemonThreads.oneOnDemand(DaemonThreads.named("evenkeel-picker"), Duration.ofSeconds(1));
    }

    /** Under the pool's lock: adds work of the next snapshot. Work that waits already, by {@code equals}, runs once. */
    void add(Runnable work) {
        ofNext.add(work);
    }

    /**
     * Under the pool's lock: the snapshot is published.
     *
     * @param awaited whether it is for a requested change
     */
    void published(boolean awaited) {
        if (!ofNext.isEmpty()) {
            queue();
            runtime.events().add(awaited ? this::run : this::begin);
        }
    }

    private synchronized void queue() {
        waiting.addAll(ofNext);
        ofNext.clear();
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
            runtime.scheduler().schedule(this::start, Duration.ofNanos(waitNanos));
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
            run();
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

    private void run() {
        Throwable fatal = null;
        for (Runnable work : taken()) {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                runtime.events().log().fault(e, () -> "a callback failed");
                if (Containment.isFatal(e)) {
                    putBack(work);
                    fatal = e;
                }
            }
        }
        if (fatal != null) {
            beginLater();
            Containment.rethrowFatal(fatal);
        }
    }

    private synchronized void putBack(Runnable work) {
        waiting.add(work);
    }

    private synchronized List<Runnable> taken() {
        List<Runnable> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }
}
