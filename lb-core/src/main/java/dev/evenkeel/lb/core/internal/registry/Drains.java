package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.DrainState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Drains and removals under way. Each ends when the last call has ended and no session is expected back, at its
 * deadline, or when it is cancelled. If its policy says so, what is left at the deadline is closed, and the drain ends
 * when that has ended.
 */
final class Drains {
    /** How long closed calls have to end: the close handshake of a WebSocket takes a few seconds at most. */
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final OpenLeases leases;
    private final Consumer<BackendState> forget;

    /**
     * Begins without drains.
     *
     * @param forget what to do with a backend that has left
     */
    Drains(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            SnapshotPublisher writer,
            OpenLeases leases,
            Consumer<BackendState> forget) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.leases = leases;
        this.forget = forget;
    }

    /**
     * Begins a drain that completes the future once the backend is idle. The new snapshot must be published before the
     * backend is checked for idleness.
     */
    void begin(BackendState node, CompletableFuture<DrainReport> done, DrainPolicy policy) {
        callOff(node);
        Scheduler.Cancellable deadline = runtime.scheduler()
                .schedule(() -> writer.update(() -> deadlinePasses(node, done, policy)), policy.deadline());
        DrainState own = node.ownDrain();
        own.begin(new DrainState.Pending(done, runtime.timeSource().nanoTime(), deadline));
        if (policy.untilDeadline()) {
            own.awaitSessions(deadline);
        }
        writer.afterwards(() -> callEnded(node));
    }

    private void deadlinePasses(BackendState node, CompletableFuture<DrainReport> expected, DrainPolicy policy) {
        DrainState.Pending pending = node.drain().pending();
        if (pending == null || pending.done() != expected || !policy.closeAtDeadline()) {
            end(node, expected);
            return;
        }
        node.ownDrain().stopSessions();
        node.ownDrain().stopAwaitingSessions();
        writer.touch(node);
        DrainState.Closing left = new DrainState.Closing(
                new StreamClosedException(
                        runtime.name(), node.backend(), StreamClosedException.Reason.DRAIN_DEADLINE, policy.deadline()),
                new AtomicInteger());
        Scheduler.Cancellable timeout =
                runtime.scheduler().schedule(() -> writer.update(() -> end(node, expected)), CLOSE_TIMEOUT);
        node.ownDrain().close(left, new DrainState.Pending(expected, pending.sinceNanos(), timeout));
        writer.afterwards(() -> {
            leases.close(node, left);
            callEnded(node);
        });
    }

    /** Checks a drain after a call at its backend has ended, or after the drain has begun. Called without the lock. */
    void callEnded(BackendState node) {
        if (node.inFlight() == 0 && !node.drain().isAwaitingSessions()) {
            writer.updateIf(null, () -> endIfDeserted(node));
        }
    }

    /**
     * Seals the backend first, then looks for calls. A call counts itself as in flight first and then looks for the
     * seal, so one of the two sees the other.
     */
    private boolean endIfDeserted(BackendState node) {
        DrainState.Pending pending = node.drain().pending();
        if (pending == null || node.inFlight() > 0) {
            return false;
        }
        long expectedNanos = node.session()
                .expectedNanos(
                        config.get().sessionIdleTimeout().toNanos(),
                        runtime.timeSource().nanoTime());
        boolean closing = node.drain().closing() != null;
        if (expectedNanos > 0 && !closing && node.keepsSessions()) {
            awaitSessions(node, expectedNanos);
            return false;
        }
        node.ownDrain().stopSessions();
        if (node.inFlight() > 0) {
            return false;
        }
        end(node, pending.done());
        return true;
    }

    private void awaitSessions(BackendState node, long nanos) {
        DrainState own = node.ownDrain();
        if (!own.isAwaitingSessions()) {
            own.awaitSessions(runtime.scheduler()
                    .schedule(
                            () -> writer.updateIf(null, () -> {
                                own.stopAwaitingSessions();
                                return endIfDeserted(node);
                            }),
                            Duration.ofNanos(nanos)));
        }
    }

    private void end(BackendState node, CompletableFuture<DrainReport> expected) {
        DrainState.Pending pending = node.drain().pending();
        if (pending == null || pending.done() != expected) {
            return;
        }
        node.ownDrain().stopSessions();
        writer.touch(node);
        int remaining = node.inFlight();
        int closed = node.drain().closed();
        if (node.isRemoved()) {
            forget.accept(node);
            writer.tell(new BackendRemoved(runtime.name(), Instant.now(), node.backend(), remaining, closed));
        } else {
            writer.tell(new DrainEnded(runtime.name(), Instant.now(), node.backend(), remaining, closed));
        }
        report(node, pending, remaining);
    }

    /**
     * Cancels the drain: the backend is active again, in maintenance, or closed, or another drain replaces this one.
     */
    void callOff(BackendState node) {
        DrainState.Pending pending = node.drain().pending();
        if (pending != null) {
            report(node, pending, node.inFlight());
        }
    }

    /** Cancels the drain, or takes its end back: calls may start again. */
    void reopen(BackendState node) {
        callOff(node);
        if (node.drain() != DrainState.NONE) {
            node.ownDrain().allowSessions();
        }
    }

    private void report(BackendState node, DrainState.Pending pending, int remaining) {
        pending.deadline().cancel();
        Scheduler.Cancellable timer = node.drain().sessionTimer();
        if (timer != null) {
            timer.cancel();
        }
        int closed = node.drain().closed();
        node.ownDrain().end();
        Duration took = Duration.ofNanos(runtime.timeSource().nanoTime() - pending.sinceNanos());
        DrainReport report = new DrainReport(node.backend(), remaining, closed, took);
        writer.whenPublished(() -> pending.done().complete(report));
    }
}
