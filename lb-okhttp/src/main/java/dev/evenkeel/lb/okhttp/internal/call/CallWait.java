package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import okhttp3.EventListener;
import org.jspecify.annotations.Nullable;

/**
 * The waits of one call: between two attempts, and for room in a full pool. The cancellation of the call ends them at
 * once. One thread waits; any thread may cancel. The base class of the call's state and not a part of it, because each
 * call makes one; and a listener, because that has to be a base class, too.
 */
abstract class CallWait extends EventListener {
    private volatile boolean cancelled;
    /** The thread that waits between two attempts; null if none does. */
    private volatile @Nullable Thread pausing;
    /** The call's entry in the queue of a full pool; null if it does not wait. */
    private volatile @Nullable CompletableFuture<PickResult> queued;

    /** Ends the present wait and every later one. */
    final void cancelWaits() {
        cancelled = true;
        Thread thread = pausing;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
        CompletableFuture<PickResult> room = queued;
        if (room != null) {
            room.cancel(false);
        }
    }

    final boolean isWaitCancelled() {
        return cancelled;
    }

    /**
     * Waits between two attempts.
     *
     * @throws InterruptedIOException if the thread is interrupted; its flag is left set
     */
    final void pause(long nanos) throws InterruptedIOException {
        long untilNanos = System.nanoTime() + nanos;
        pausing = Thread.currentThread();
        try {
            for (long left = nanos; left > 0 && !cancelled; left = untilNanos - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (Thread.currentThread().isInterrupted()) {
                    throw OkHttpQuirks.interrupted(null);
                }
            }
        } finally {
            pausing = null;
        }
    }

    /**
     * Waits for room in a full pool.
     *
     * @throws java.util.concurrent.CancellationException if the call is cancelled
     * @throws InterruptedIOException if the thread is interrupted; its flag is left set
     */
    final PickResult awaitRoom(CompletableFuture<PickResult> room) throws InterruptedIOException, ExecutionException {
        queued = room;
        if (cancelled) {
            room.cancel(false);
        }
        try {
            return room.get();
        } catch (InterruptedException e) {
            if (!room.cancel(false) && room.join() instanceof Lease tooLate) {
                tooLate.complete(Outcome.DISCARDED);
            }
            Thread.currentThread().interrupt();
            throw OkHttpQuirks.interrupted(e);
        } finally {
            queued = null;
        }
    }
}
