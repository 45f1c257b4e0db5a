package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
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
    /** Ends the present wait; null if the call does not wait. */
    private volatile @Nullable Runnable wakeUp;
    /** The full pool in whose queue the call waits; null if it does not wait. */
    private volatile @Nullable LoadBalancer waitingFor;
    /** The thread that runs the call. Others read it after {@link #waitingFor} or the present attempt, written later. */
    private @Nullable Thread thread;

    /** A pass of the call begins on this thread. */
    final void runsHere() {
        thread = Thread.currentThread();
    }

    public final @Nullable Thread thread() {
        return thread;
    }

    final void waitingFor(@Nullable LoadBalancer pool) {
        waitingFor = pool;
    }

    public final boolean isWaitingFor(LoadBalancer pool) {
        return waitingFor == pool;
    }

    /** Ends the present wait and every later one. */
    final void cancelWaits() {
        cancelled = true;
        Runnable present = wakeUp;
        if (present != null) {
            present.run();
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
        Thread thread = Thread.currentThread();
        wakeUp = () -> LockSupport.unpark(thread);
        try {
            for (long left = nanos; left > 0 && !cancelled; left = untilNanos - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (thread.isInterrupted()) {
                    throw OkHttpQuirks.interrupted(null);
                }
            }
        } finally {
            wakeUp = null;
        }
    }

    /**
     * Waits for room in a full pool.
     *
     * @throws java.util.concurrent.CancellationException if the call is cancelled
     * @throws InterruptedIOException if the thread is interrupted; its flag is left set
     */
    final PickResult awaitRoom(CompletableFuture<PickResult> room) throws InterruptedIOException, ExecutionException {
        wakeUp = () -> room.cancel(false);
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
            wakeUp = null;
        }
    }
}
