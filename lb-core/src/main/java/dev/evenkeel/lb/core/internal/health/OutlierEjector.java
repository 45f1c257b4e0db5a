package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.EjectionState;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.OutlierDetector.Detection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ejects backends and readmits them. A detector proposes; the policy limits how many may be out and for how long. The
 * last backend in use is never ejected. On trial, a backend takes one call at a time until one succeeds.
 */
public final class OutlierEjector {
    /** A detector of the application may say anything. */
    private static final int MAX_CAUSE = 500;

    /** After a proposal was refused because too many backends are out, further ones are ignored for this long. */
    private static final long REFUSED_NANOS = 100_000_000;

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final Consumer<BackendState> trialSucceeded;
    private volatile Detection detection;
    private final AtomicBoolean detectionFailed = new AtomicBoolean();
    /** The interval of the detector's sweeps; 0 if there are none. */
    private volatile long sweepNanos;

    private volatile long refusedUntilNanos;
    /** After a trial failed while no better backend was left, further failed trials are ignored for this long. */
    private volatile long aloneUntilNanos;

    /**
     * Begins without ejections.
     *
     * @param trialSucceeded is told, under the lock, of a backend whose trial has succeeded
     */
    public OutlierEjector(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            SnapshotPublisher writer,
            Consumer<BackendState> trialSucceeded) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.trialSucceeded = trialSucceeded;
        this.detection = config.get().outlierDetector().newDetection(runtime.timeSource());
        this.refusedUntilNanos = runtime.timeSource().nanoTime();
        this.aloneUntilNanos = refusedUntilNanos;
    }

    /** Starts periodic sweeps, if the detector needs them. */
    public void start() {
        Detection running = detection;
        Duration interval = running.sweepInterval();
        sweepNanos = interval == null ? 0 : interval.toNanos();
        if (interval != null) {
            sweepEvery(interval, running);
        }
    }

    /** Under the lock: another detector starts without history. An ejected backend stays ejected for its time. */
    public void reloaded(PoolConfig before) {
        OutlierDetector next = config.get().outlierDetector();
        if (!next.equals(before.outlierDetector())) {
            detection = next.newDetection(runtime.timeSource());
            detectionFailed.set(false);
            start();
        }
    }

    private EjectionPolicy policy() {
        return config.get().ejection();
    }

    private void sweepEvery(Duration interval, Detection running) {
        if (interval.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("outlier detection's sweepInterval must be at least 1 ms: " + interval);
        }
        runtime.scheduler()
                .schedule(
                        () -> {
                            if (running == detection) {
                                try {
                                    sweep();
                                } finally {
                                    sweepEvery(interval, running);
                                }
                            }
                        },
                        interval);
    }

    private void sweep() {
        List<BackendState> peers = writer.read(() -> writer.nodes.values().stream()
                .filter(node ->
                        BackendCondition.isInService(node) && !node.ejection().isEjected())
                .toList());
        try {
            detection.sweep(runtime.timeSource().nanoTime(), peers, (candidate, cause) -> {
                if (candidate instanceof BackendState node && peers.contains(node)) {
                    writer.updateIf(node, () -> !node.isTrial() && mayEject(node) && begin(node, cause));
                }
            });
        } catch (RuntimeException | Error e) {
            detectionFailed(e);
        }
    }

    // Call path.

    /** Records an outcome, never a neutral one. */
    public void completed(BackendState node, Outcome outcome, long startNanos, long latencyNanos, long nowNanos) {
        if (node.isTrial()
                && startNanos - node.ejection().trialSinceNanos() >= 0
                && (!outcome.isFailure() || nowNanos - aloneUntilNanos >= 0)) {
            judgeTrial(node, outcome);
        }
        String cause = observe(node, outcome, latencyNanos, nowNanos);
        if (cause != null && !node.ejection().isEjected() && nowNanos - refusedUntilNanos >= 0) {
            writer.updateIf(node, () -> !node.isTrial() && mayEject(node) && begin(node, cause));
        }
    }

    /**
     * Makes a call that begins now the trial call of a backend on trial, to be followed by {@link #releaseTrialCall}.
     * Returns false if another call is.
     */
    public boolean takeTrialCall(BackendState node, long nowNanos) {
        return node.ownEjection().takeTrialCall(nowNanos);
    }

    /** Ends the trial call that has begun then. */
    public void releaseTrialCall(BackendState node, long startNanos) {
        node.ownEjection().releaseTrialCall(startNanos);
    }

    private @Nullable String observe(BackendState node, Outcome outcome, long latencyNanos, long nowNanos) {
        try {
            return detection.observe(
                    node, outcome, latencyNanos, nowNanos, writer.current().all());
        } catch (RuntimeException | Error e) {
            detectionFailed(e);
            return null;
        }
    }

    private void detectionFailed(Throwable e) {
        if (detectionFailed.compareAndSet(false, true)) {
            runtime.events().log().fault(e, () -> "the outlier detection failed; this is told only once");
        } else {
            runtime.events().log().countFault();
        }
        Containment.rethrowFatal(e);
    }

    // Off the call path.

    /**
     * Handles the end of a trial call after an ejection: a success readmits, a failure ejects for longer. While no
     * other backend is left, a failure changes nothing: all calls go to this backend, and the trial resumes when
     * another one is back.
     */
    private void judgeTrial(BackendState node, Outcome outcome) {
        writer.updateIf(node, () -> {
            if (!node.isTrial()) {
                return false;
            }
            if (outcome.isFailure() && !isAnotherLeft(node)) {
                aloneUntilNanos = runtime.timeSource().nanoTime() + REFUSED_NANOS;
                return false;
            }
            node.endTrial();
            node.ownEjection().inServiceSince(runtime.timeSource().nanoTime());
            if (!outcome.isFailure()) {
                trialSucceeded.accept(node);
            } else if (mayEject(node)) {
                begin(node, "failed again on its return: " + outcome);
            }
            return true;
        });
    }

    private boolean begin(BackendState node, String cause) {
        long nowNanos = runtime.timeSource().nanoTime();
        EjectionState own = node.ownEjection();
        int count = (int) Math.max(1, own.count() + 1 - forgiven(nowNanos - own.inServiceSinceNanos()));
        Duration duration = policy().duration(count, runtime.random());
        long until = nowNanos + duration.toNanos();
        own.eject(count, nowNanos, until, node.circuit().isRefusing());
        runtime.scheduler().schedule(() -> writer.updateIf(node, () -> ended(node, until, duration)), duration);
        writer.tell(new BackendEjected(
                runtime.name(), Instant.now(), node.backend(), duration, Printable.of(cause, MAX_CAUSE)));
        return true;
    }

    /**
     * How many ejections a backend has made up for in its time in service. A detector that sweeps at intervals needs one to
     * find a backend that fails all the time: that interval proves nothing, and no part of one does.
     */
    private long forgiven(long inServiceNanos) {
        long interval = sweepNanos;
        long provenNanos = Math.max(0, inServiceNanos - interval);
        return provenNanos / Math.max(interval, policy().recoveryInterval().toNanos());
    }

    private boolean ended(BackendState node, long until, Duration duration) {
        if (!node.ejection().isEjected() || node.ejection().untilNanos() != until) {
            return false;
        }
        comesBack(
                node, "ejected for " + duration + (policy().trial() ? "; one call at a time until one succeeds" : ""));
        if (policy().trial()) {
            node.beginTrial(runtime.timeSource());
        }
        return true;
    }

    private void comesBack(BackendState node, String cause) {
        EjectionState own = node.ownEjection();
        own.readmit();
        own.inServiceSince(runtime.timeSource().nanoTime());
        if (!node.isRemoved()) {
            writer.tell(new BackendReturned(runtime.name(), Instant.now(), node.backend(), cause));
        }
    }

    /** Under the lock: discards what is known of the backend. */
    public void forget(BackendState node, String cause) {
        if (node.ejection().isEjected()) {
            comesBack(node, cause);
        }
        node.endTrial();
        if (node.ejection().count() > 0) {
            node.ownEjection().forgetCount();
        }
    }

    private boolean mayEject(BackendState node) {
        if (node.ejection().isEjected() || !BackendCondition.isInService(node)) {
            return false;
        }
        long nowNanos = runtime.timeSource().nanoTime();
        Outages others = Outages.besides(node, writer.nodes.values());
        if (others.left() > 0 && others.out() < policy().maxEjected(others.serving() + 1)) {
            return true;
        }
        refusedUntilNanos = nowNanos + REFUSED_NANOS;
        return false;
    }

    private boolean isAnotherLeft(BackendState node) {
        for (BackendState other : writer.nodes.values()) {
            if (other != node && BackendCondition.of(other).isGood()) {
                return true;
            }
        }
        return false;
    }
}
