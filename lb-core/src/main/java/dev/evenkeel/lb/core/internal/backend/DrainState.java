package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The drain of a backend that drains or leaves. Written by {@code Drains} only. */
public final class DrainState {
    /** Of a backend that has never drained. */
    public static final DrainState NONE = new DrainState();

    private @Nullable Pending pending;
    private volatile boolean watched;
    private volatile boolean sessionsStopped;
    private volatile boolean awaitingSessions;
    private @Nullable Cancellable sessionTimer;
    private volatile @Nullable Closing closing;

    /** A {@code drain} or {@code remove} under way. */
    public record Pending(CompletableFuture<DrainReport> done, long sinceNanos, Cancellable deadline) {}

    /** What is left at the deadline of a drain is being closed for this reason; so many calls were. */
    public record Closing(StreamClosedException why, AtomicInteger closed) {}

    /** The drain under way; null if there is none. */
    public @Nullable Pending pending() {
        return pending;
    }

    /** Draining or leaving: the thread that ends the last call notifies the registry. */
    public boolean isWatched() {
        return watched;
    }

    /** Whether the drain has ended: no call may start until the backend is put back. */
    boolean hasStoppedSessions() {
        return sessionsStopped;
    }

    /** Whether a timer waits for a session to return: a call that ends need not check the drain. */
    public boolean isAwaitingSessions() {
        return awaitingSessions;
    }

    /** Runs when no session is expected any more; null if none is awaited. */
    public @Nullable Cancellable sessionTimer() {
        return sessionTimer;
    }

    /** Why a call that is still open must be closed; null if it may go on. */
    public @Nullable Closing closing() {
        return closing;
    }

    /** How many calls were closed at the deadline. */
    public int closed() {
        Closing now = closing;
        return now == null ? 0 : now.closed().get();
    }

    public void begin(Pending drain) {
        pending = drain;
        watched = true;
    }

    public void end() {
        pending = null;
        closing = null;
        watched = false;
        sessionTimer = null;
        awaitingSessions = false;
    }

    /** Closes what is left, until another deadline. */
    public void close(Closing left, Pending drain) {
        closing = left;
        pending = drain;
    }

    /** Ends the sessions. A call that is not counted as in flight by now will not start. */
    public void stopSessions() {
        sessionsStopped = true;
    }

    /** Reverses {@link #stopSessions}. */
    public void allowSessions() {
        sessionsStopped = false;
    }

    public void awaitSessions(Cancellable timer) {
        sessionTimer = timer;
        awaitingSessions = true;
    }

    public void stopAwaitingSessions() {
        awaitingSessions = false;
    }
}
