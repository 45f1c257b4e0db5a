package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.PendingDrain;
import dev.evenkeel.lb.core.internal.backend.RareBackendState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Drains and removals under way. Each ends when the last call has ended and no session is expected back, at its
 * deadline, or when it is cancelled.
 */
final class Drains {
    private final PoolConfig settings;
    private final SnapshotPublisher writer;
    private final Consumer<BackendState> forget;
    private volatile Duration sessionIdleTimeout;

    /**
     * Begins without drains.
     *
     * @param forget what to do with a backend that has left
     */
    Drains(PoolConfig settings, SnapshotPublisher writer, Consumer<BackendState> forget) {
        this.settings = settings;
        this.writer = writer;
        this.forget = forget;
        this.sessionIdleTimeout = settings.sessionIdleTimeout();
    }

    void reconfigure(Duration newSessionIdleTimeout) {
        sessionIdleTimeout = newSessionIdleTimeout;
    }

    /**
     * Begins a drain that completes the future once the backend is idle. The new snapshot must be published before the
     * backend is checked for idleness.
     */
    void begin(BackendState node, CompletableFuture<DrainReport> done, Duration deadline) {
        callOff(node);
        RareBackendState own = node.ownParticulars();
        own.departure = new PendingDrain(
                done,
                settings.timeSource().nanoTime(),
                settings.scheduler().schedule(() -> writer.observe(() -> end(node, done)), deadline));
        own.watched = true;
        writer.afterwards(() -> callEnded(node));
    }

    /** Checks a drain after a call at its backend has ended, or after the drain has begun. Called without the lock. */
    void callEnded(BackendState node) {
        if (node.inFlight() == 0 && !node.particulars().awaitsSessions) {
            writer.consider(null, () -> endIfDeserted(node));
        }
    }

    /**
     * Seals the backend first, then looks for calls. A call counts itself as in flight first and then looks for the
     * seal, so one of the two sees the other.
     */
    private boolean endIfDeserted(BackendState node) {
        PendingDrain departure = node.particulars().departure;
        if (departure == null || node.inFlight() > 0) {
            return false;
        }
        long expectedNanos = node.sessionsExpectedNanos(
                sessionIdleTimeout.toNanos(), settings.timeSource().nanoTime());
        if (expectedNanos > 0 && node.keepsSessions()) {
            awaitSessions(node, expectedNanos);
            return false;
        }
        node.seal();
        if (node.inFlight() > 0) {
            return false;
        }
        end(node, departure.done());
        return true;
    }

    private void awaitSessions(BackendState node, long nanos) {
        RareBackendState own = node.ownParticulars();
        if (!own.awaitsSessions) {
            own.awaitsSessions = true;
            own.sessionTimer = settings.scheduler()
                    .schedule(
                            () -> writer.consider(null, () -> {
                                own.awaitsSessions = false;
                                return endIfDeserted(node);
                            }),
                            Duration.ofNanos(nanos));
        }
    }

    private void end(BackendState node, CompletableFuture<DrainReport> expected) {
        PendingDrain departure = node.particulars().departure;
        if (departure == null || departure.done() != expected) {
            return;
        }
        node.seal();
        writer.touch(node);
        int remaining = node.inFlight();
        if (node.removed) {
            forget.accept(node);
            writer.tell(new BackendRemoved(settings.name(), Instant.now(), node.backend, remaining));
        } else {
            writer.tell(new DrainEnded(settings.name(), Instant.now(), node.backend, remaining));
        }
        report(node, departure, remaining);
    }

    /**
     * Cancels the drain: the backend is active again, in maintenance, or closed, or another drain replaces this one.
     */
    void callOff(BackendState node) {
        PendingDrain departure = node.particulars().departure;
        if (departure != null) {
            report(node, departure, node.inFlight());
        }
    }

    private void report(BackendState node, PendingDrain departure, int remaining) {
        RareBackendState own = node.ownParticulars();
        own.departure = null;
        own.watched = false;
        departure.deadline().cancel();
        Scheduler.Cancellable timer = own.sessionTimer;
        if (timer != null) {
            timer.cancel();
            own.sessionTimer = null;
        }
        own.awaitsSessions = false;
        Duration took = Duration.ofNanos(settings.timeSource().nanoTime() - departure.sinceNanos());
        DrainReport report = new DrainReport(node.backend, remaining, took);
        writer.afterwards(() -> departure.done().complete(report));
    }
}
