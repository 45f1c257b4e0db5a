package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.stats.GradientLimit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Moves the adaptive limits of a pool and of its backends, on the thread of the timers. Calls only leave what they have
 * learnt.
 */
final class AdaptiveLimits {
    private final Settings settings;
    private final Writer writer;
    private final Admission admission;
    private final @Nullable GradientLimit ofPool;
    private final @Nullable AdaptiveLimit ofBackends;
    private volatile boolean stopped;

    AdaptiveLimits(Settings settings, Writer writer, Admission admission) {
        this.settings = settings;
        this.writer = writer;
        this.admission = admission;
        AdaptiveLimit pool = settings.limits().adaptive();
        this.ofPool = pool == null ? null : begin(pool);
        this.ofBackends = settings.limits().adaptivePerBackend();
    }

    static GradientLimit begin(AdaptiveLimit policy) {
        return new GradientLimit(
                policy.least(), policy.initial(), policy.most(), 1 + policy.tolerancePercent() / 100.0);
    }

    void start() {
        if (ofPool != null) {
            schedule(settings.limits().adaptive(), this::movePool);
        }
        if (ofBackends != null) {
            schedule(ofBackends, this::moveBackends);
        }
    }

    /** Moves nothing any more. */
    void stop() {
        stopped = true;
    }

    private void schedule(@Nullable AdaptiveLimit policy, Runnable move) {
        Duration window = policy == null ? Duration.ZERO : policy.window();
        settings.scheduler()
                .schedule(
                        () -> {
                            if (!stopped) {
                                move.run();
                                schedule(policy, move);
                            }
                        },
                        window);
    }

    void completed(BackendNode node, Outcome outcome, long latencyNanos) {
        GradientLimit pool = ofPool;
        if (pool != null) {
            pool.completed(outcome, latencyNanos, admission.inFlight());
        }
        GradientLimit backend = node.particulars().adaptiveLimit;
        if (backend != null) {
            // It has been counted out already.
            backend.completed(outcome, latencyNanos, node.inFlight() + 1);
        }
    }

    private void movePool() {
        GradientLimit pool = ofPool;
        if (pool != null && pool.move(spread())) {
            admission.limit(Math.min(settings.limits().maxInFlight(), pool.current()));
        }
    }

    private void moveBackends() {
        writer.consider(null, () -> {
            boolean changed = false;
            for (BackendNode node : writer.nodes.values()) {
                GradientLimit backend = node.particulars().adaptiveLimit;
                if (backend != null && backend.move(spread())) {
                    writer.touch(node);
                    changed = true;
                }
            }
            return changed;
        });
    }

    private double spread() {
        return 0.75 + settings.random().nextDouble() / 2;
    }
}
