package dev.evenkeel.lb.core.internal.limit;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Adjusts the adaptive concurrency limits of a pool and its backends; the only writer of these limits. Calls record
 * their samples; the limits change on the timer thread, under the writer's lock, which also guards a change of policy.
 */
public final class AdaptiveLimitUpdater {
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    /** Checks whether the pool has room now. */
    private final Runnable moved;

    // Written under the writer's lock.
    /** Null if the pool has no adaptive limit. */
    private volatile @Nullable GradientLimit adaptiveOfPool;

    private volatile int ofPool;
    private @Nullable Windows windowsOfPool;
    private @Nullable Windows windowsOfBackends;

    public AdaptiveLimitUpdater(
            PoolRuntime runtime, Supplier<PoolConfig> config, SnapshotPublisher writer, Runnable moved) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.moved = moved;
        this.adaptiveOfPool = adapted(null, policy().adaptive());
        this.ofPool = limitOfPool();
    }

    public void start() {
        writer.read(() -> {
            followWindows();
            return true;
        });
    }

    /**
     * Under the lock: applies the policy in force. A limit that was adaptive before keeps its value within the new range;
     * other limits start anew.
     */
    public void reloaded() {
        adaptiveOfPool = adapted(adaptiveOfPool, policy().adaptive());
        ofPool = limitOfPool();
        writer.nodes.values().forEach(this::join);
        followWindows();
    }

    /** Under the lock: sets up the limit of a backend that joins, perhaps again. */
    public void join(BackendState node) {
        node.adaptiveLimit(adapted(node.adaptiveLimit(), policy().adaptivePerBackend()));
    }

    private static @Nullable GradientLimit adapted(@Nullable GradientLimit present, @Nullable AdaptiveLimit policy) {
        if (policy == null) {
            return null;
        }
        double tolerance = 1 + policy.tolerancePercent() / 100.0;
        return present == null
                ? new GradientLimit(policy.minLimit(), policy.initialLimit(), policy.maxLimit(), tolerance)
                : present.within(policy.minLimit(), policy.maxLimit(), tolerance);
    }

    private LimitPolicy policy() {
        return config.get().limits();
    }

    private int limitOfPool() {
        GradientLimit adaptive = adaptiveOfPool;
        int most = policy().maxInFlight();
        return adaptive == null ? most : Math.min(most, adaptive.current());
    }

    /** The maximum number of calls in flight in the pool. */
    int ofPool() {
        return ofPool;
    }

    /** Records the sample of a call that has ended. */
    public void completed(BackendState node, Outcome outcome, long latencyNanos, int inFlightInPool) {
        GradientLimit pool = adaptiveOfPool;
        if (pool != null) {
            pool.completed(outcome, latencyNanos, inFlightInPool);
        }
        GradientLimit backend = node.adaptiveLimit();
        if (backend != null) {
            // The call is not counted as in flight any more.
            backend.completed(outcome, latencyNanos, node.inFlight() + 1);
        }
    }

    private void followWindows() {
        windowsOfPool = follow(windowsOfPool, policy().adaptive(), this::movePool);
        windowsOfBackends = follow(windowsOfBackends, policy().adaptivePerBackend(), this::moveBackends);
    }

    private @Nullable Windows follow(@Nullable Windows present, @Nullable AdaptiveLimit wanted, Runnable move) {
        Duration window = wanted == null ? null : wanted.window();
        if (present != null && present.window.equals(window)) {
            return present;
        }
        if (present != null) {
            present.stopped = true;
        }
        if (window == null) {
            return null;
        }
        Windows next = new Windows(window, move);
        next.begin();
        return next;
    }

    private void movePool() {
        writer.updateIf(null, () -> {
            GradientLimit pool = adaptiveOfPool;
            if (pool != null && pool.move(spread())) {
                ofPool = limitOfPool();
                writer.afterwards(moved);
            }
            // No backend has changed.
            return false;
        });
    }

    private void moveBackends() {
        writer.updateIf(null, () -> {
            boolean changed = false;
            for (BackendState node : writer.nodes.values()) {
                GradientLimit backend = node.adaptiveLimit();
                if (backend != null && backend.move(spread())) {
                    writer.touch(node);
                    changed = true;
                }
            }
            return changed;
        });
    }

    private double spread() {
        return 0.75 + runtime.random().nextDouble() / 2;
    }

    /** Adjusts limits at the end of each window, until it is stopped. */
    private final class Windows {
        private final Duration window;
        private final Runnable move;
        private volatile boolean stopped;

        Windows(Duration window, Runnable move) {
            this.window = window;
            this.move = move;
        }

        void begin() {
            runtime.scheduler().schedule(this::end, window);
        }

        private void end() {
            if (!stopped) {
                move.run();
                begin();
            }
        }
    }
}
