package dev.evenkeel.lb.core.internal.limit;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A request that waits for room in the pool. The thread that removes it from its queue decides its result. */
final class PendingAcquire extends CompletableFuture<PickResult> {
    final RequestContext context;
    final List<Backend> tried;
    /** Whether it may find no room where other requests do. */
    final boolean particular;

    final long sinceNanos;
    final Queue<PendingAcquire> queue;
    private final AtomicBoolean queued = new AtomicBoolean(true);
    private volatile @Nullable Cancellable timeout;

    PendingAcquire(RequestContext context, List<Backend> tried, long sinceNanos, Queue<PendingAcquire> queue) {
        this.context = context;
        this.tried = tried;
        this.particular = !tried.isEmpty() || context.subset() != null || context.permitted() != null;
        this.sinceNanos = sinceNanos;
        this.queue = queue;
    }

    /** Completes the wait. If the caller has given up, a lease is returned. */
    void end(PickResult result) {
        if (!complete(result) && result instanceof Lease lease) {
            lease.complete(Outcome.DISCARDED);
        }
    }

    /** Returns true once: to the thread that then removes it from the queue. */
    boolean leave() {
        return queued.compareAndSet(true, false);
    }

    void timeOutBy(Cancellable timer) {
        timeout = timer;
        if (isDone()) {
            timer.cancel();
        }
    }

    void stopTimeout() {
        Cancellable running = timeout;
        if (running != null) {
            running.cancel();
        }
    }
}
