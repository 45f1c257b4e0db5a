package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Checks the backends of one pool, each on its own rhythm: a slow check delays no other, and the next check of a backend
 * begins an interval after the last one ended, so checks never pile up.
 */
public final class HealthChecker {

    /** Takes a change of view. */
    @FunctionalInterface
    public interface Reporter {
        /**
         * A backend's health changed.
         *
         * @param id the backend's id
         * @param state up, degraded or down
         * @param cause what the last check found
         */
        void health(String id, HealthState state, String cause);
    }

    private final HealthCheckPolicy policy;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Reporter reporter;
    private final Map<String, Probe> probes = new ConcurrentHashMap<>();

    /**
     * Makes a checker that checks nothing yet.
     *
     * @param policy how to check
     * @param scheduler the pool's timers
     * @param random spreads the checks
     * @param reporter takes the views
     */
    public HealthChecker(HealthCheckPolicy policy, Scheduler scheduler, RandomGenerator random, Reporter reporter) {
        this.policy = policy;
        this.scheduler = scheduler;
        this.random = random;
        this.reporter = reporter;
        policy.check().retain();
    }

    /**
     * Begins to check a backend, or goes on with its new description.
     *
     * @param backend the backend
     */
    public void start(Backend backend) {
        Probe probe = new Probe(backend);
        Probe previous = probes.put(backend.id(), probe);
        if (previous != null) {
            previous.stop();
        }
        probe.next(policy.interval().toNanos() * 0.1 * random.nextDouble());
    }

    /**
     * Stops checking a backend.
     *
     * @param id the backend's id; nothing happens if it is not checked
     */
    public void stop(String id) {
        Probe probe = probes.remove(id);
        if (probe != null) {
            probe.stop();
        }
    }

    /** Stops all checks. */
    public void close() {
        probes.keySet().forEach(this::stop);
        policy.check().release();
    }

    /** The checks of one backend, one after the other. */
    private final class Probe {
        private final Backend backend;
        private volatile boolean stopped;
        private volatile @Nullable Cancellable timer;
        private HealthState state = HealthState.UNKNOWN;
        private int streak;

        Probe(Backend backend) {
            this.backend = backend;
        }

        void next(double delayNanos) {
            if (!stopped) {
                timer = scheduler.schedule(this::run, Duration.ofNanos((long) delayNanos));
                if (stopped) {
                    stop();
                }
            }
        }

        void stop() {
            stopped = true;
            Cancellable pending = timer;
            if (pending != null) {
                pending.cancel();
            }
        }

        private void run() {
            if (stopped) {
                return;
            }
            AtomicBoolean done = new AtomicBoolean();
            CompletionStage<HealthResult> stage;
            try {
                stage = policy.check().check(backend, policy.timeout());
            } catch (RuntimeException e) {
                finish(done, HealthResult.unhealthy("the check threw " + e));
                return;
            }
            timer = scheduler.schedule(
                    () -> {
                        finish(done, HealthResult.unhealthy("no result within " + policy.timeout()));
                        stage.toCompletableFuture().cancel(true);
                    },
                    policy.timeout());
            stage.whenComplete((result, error) ->
                    finish(done, error != null ? HealthResult.unhealthy("the check failed with " + error) : result));
        }

        /** Only the first of result and timeout gets past the flag, so state and streak have one writer at a time. */
        private void finish(AtomicBoolean done, HealthResult result) {
            if (!done.compareAndSet(false, true) || stopped) {
                return;
            }
            Cancellable timeout = timer;
            if (timeout != null) {
                timeout.cancel();
            }
            judge(result);
            next(policy.interval().toNanos() * (0.9 + 0.2 * random.nextDouble()));
        }

        private void judge(HealthResult result) {
            HealthState seen = result.state();
            if (seen == state) {
                streak = 0;
                return;
            }
            streak++;
            int needed = needed(seen);
            if (streak >= needed) {
                streak = 0;
                state = seen;
                reporter.health(backend.id(), seen, result.cause());
            }
        }

        /** What takes a backend out or brings it back has to be seen more than once; up and degraded change at once. */
        private int needed(HealthState seen) {
            if (seen == HealthState.DOWN) {
                return state == HealthState.UNKNOWN ? 1 : policy.fall();
            }
            return state == HealthState.DOWN ? policy.rise() : 1;
        }
    }
}
