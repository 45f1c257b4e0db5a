package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.util.concurrent.CompletableFuture;
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

    /** A {@code drain} or {@code remove} under way. */
    public record Pending(CompletableFuture<DrainReport> done, long sinceNanos, Cancellable deadline) {}

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

    public void begin(Pending drain) {
        pending = drain;
        watched = true;
    }

    public void end() {
        pending = null;
        watched = false;
        sessionTimer = null;
        awaitingSessions = false;
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
