package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.Lease.StreamClosedException.Reason;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.DrainState;
import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.concurrent.OpenSet;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.DeterministicRandom;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The open leases of a pool that it can close: those of one backend at the deadline of its drain, and each one that
 * reaches the maximum duration of streams.
 *
 * <p>A call adds itself and removes itself, without a lock or a timer of its own. With a maximum duration one timer of
 * the pool looks through all of them, {@link #LOOKS} times in that duration; without one there is no timer.
 *
 * <p>Closers run one after the other on a daemon thread, {@code evenkeel-closing}, which ends when it is idle: they write
 * to sockets, and must keep neither the pool's timers nor its lock.
 */
public final class OpenLeases {
    private static final int LOOKS = 20;
    private static final Duration MIN_INTERVAL = Duration.ofMillis(10);
    /** Streams that began together do not end together: each is closed at up to this share less than the maximum. */
    private static final double JITTER = 0.1;

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final Executor closing;
    private final OpenSet<ClosableLease> leases = new OpenSet<>();
    /** Looks for old leases; null without a maximum duration. */
    private @Nullable Cancellable timer;

    public OpenLeases(PoolRuntime runtime, Supplier<PoolConfig> config) {
        this.runtime = runtime;
        this.config = config;
        Executor given = runtime.checkExecutor();
        this.closing = given != null
                ? given
                : DaemonThreads.oneOnDemand(DaemonThreads.named("evenkeel-closing"), Duration.ofSeconds(1));
    }

    /** Adds a lease that has a closer; it is closed at once if its backend is past the deadline of a drain. */
    public void add(ClosableLease lease) {
        leases.add(lease, lease.startNanos());
        DrainState.Closing deadline = lease.node().drain().closing();
        if (deadline != null) {
            close(lease, deadline);
        }
    }

    /** Removes a lease that has completed. */
    public void remove(ClosableLease lease) {
        leases.remove(lease, lease.startNanos());
    }

    /**
     * Closes the leases of a backend whose drain has reached its deadline, and counts them. Leases that are added later
     * see {@link DrainState#closing} by themselves, which must be set before. Called without the pool's lock.
     */
    void close(BackendState node, DrainState.Closing deadline) {
        leases.forEach(lease -> {
            if (lease.node() == node) {
                close(lease, deadline);
            }
        });
    }

    private void close(ClosableLease lease, DrainState.Closing deadline) {
        Consumer<StreamClosedException> closer = lease.takeCloser();
        if (closer != null) {
            // Counted before it is closed: the drain may end with this lease.
            deadline.closed().incrementAndGet();
            close(lease, closer, deadline.why());
        }
    }

    private void close(ClosableLease lease, Consumer<StreamClosedException> closer, StreamClosedException why) {
        leases.remove(lease, lease.startNanos());
        closing.execute(() -> {
            try {
                closer.accept(why);
            } catch (RuntimeException | Error e) {
                runtime.events().log().fault(e, () -> "a stream could not be closed: " + why.getMessage());
                Containment.rethrowFatal(e);
            }
        });
    }

    /** Follows the maximum duration in force: at the start of the pool, and after a reload. */
    public synchronized void followMaxDuration() {
        if (timer != null) {
            timer.cancel();
        }
        Duration max = config.get().maxStreamDuration();
        timer = max == null ? null : runtime.scheduler().schedule(this::closeOld, interval(max));
    }

    private static Duration interval(Duration max) {
        Duration interval = max.dividedBy(LOOKS);
        return interval.compareTo(MIN_INTERVAL) < 0 ? MIN_INTERVAL : interval;
    }

    private void closeOld() {
        Duration max = config.get().maxStreamDuration();
        if (max != null) {
            long nextLookNanos = runtime.timeSource().nanoTime() + interval(max).toNanos();
            leases.forEach(lease -> {
                if (nextLookNanos - lease.startNanos() > maxNanos(lease, max)) {
                    closeOld(lease, max);
                }
            });
        }
        followMaxDuration();
    }

    private static double maxNanos(ClosableLease lease, Duration max) {
        return max.toNanos() * (1 - JITTER * DeterministicRandom.of(System.identityHashCode(lease), 0));
    }

    private void closeOld(ClosableLease lease, Duration max) {
        Consumer<StreamClosedException> closer = lease.takeCloser();
        if (closer != null) {
            close(
                    lease,
                    closer,
                    new StreamClosedException(runtime.name(), lease.node().backend(), Reason.MAX_STREAM_DURATION, max));
        }
    }
}
