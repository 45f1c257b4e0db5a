package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.RareBackendState;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.OutlierDetector.Detection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Ejects backends and readmits them. A detector proposes; the policy limits how many may be out and for how long. The
 * last backend in use is never ejected. On trial, a backend takes one call at a time until one succeeds.
 */
public final class OutlierEjector {
    /** After a proposal was refused because too many backends are out, further ones are ignored for this long. */
    private static final long REFUSED_NANOS = 100_000_000;

    private final PoolConfig settings;
    private volatile EjectionPolicy policy;
    private final SnapshotPublisher writer;
    private volatile OutlierDetector detector;
    private volatile Detection detection;
    private final AtomicBoolean detectionFailed = new AtomicBoolean();
    private volatile long refusedUntilNanos;
    /** After a trial failed while no better backend was left, further failed trials are ignored for this long. */
    private volatile long aloneUntilNanos;

    public OutlierEjector(PoolConfig settings, SnapshotPublisher writer) {
        this.settings = settings;
        this.policy = settings.ejection();
        this.writer = writer;
        this.detector = settings.outlierDetector();
        this.detection = detector.newDetection(settings.timeSource());
        this.refusedUntilNanos = settings.timeSource().nanoTime();
        this.aloneUntilNanos = refusedUntilNanos;
    }

    /** Starts periodic sweeps, if the detector needs them. */
    public void start() {
        Detection running = detection;
        Duration interval = running.sweepInterval();
        if (interval != null) {
            sweepEvery(interval, running);
        }
    }

    /**
     * Under the lock: applies another detector, which starts without history, and policy. An ejected backend stays
     * ejected for its time.
     */
    public void reconfigure(OutlierDetector nextDetector, EjectionPolicy nextPolicy) {
        policy = nextPolicy;
        if (!nextDetector.equals(detector)) {
            detector = nextDetector;
            detection = nextDetector.newDetection(settings.timeSource());
            detectionFailed.set(false);
            start();
        }
    }

    private void sweepEvery(Duration interval, Detection running) {
        if (interval.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("outlier detection's sweepInterval must be at least 1 ms: " + interval);
        }
        settings.scheduler()
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
                .filter(node -> inService(node) && !node.particulars().ejected)
                .toList());
        try {
            detection.sweep(settings.timeSource().nanoTime(), peers, (candidate, cause) -> {
                if (candidate instanceof BackendState node && peers.contains(node)) {
                    writer.consider(node, () -> !node.isTrial() && mayEject(node) && begin(node, cause));
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
                && startNanos - node.particulars().trialSinceNanos >= 0
                && (!outcome.isFailure() || nowNanos - aloneUntilNanos >= 0)) {
            judgeTrial(node, outcome);
        }
        String cause = observe(node, outcome, latencyNanos, nowNanos);
        if (cause != null && !node.particulars().ejected && nowNanos - refusedUntilNanos >= 0) {
            writer.consider(node, () -> !node.isTrial() && mayEject(node) && begin(node, cause));
        }
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
            settings.events().log().fault(e, () -> "the outlier detection failed; this is told only once");
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
        writer.consider(node, () -> {
            if (!node.isTrial()) {
                return false;
            }
            if (outcome.isFailure() && !isAnotherLeft(node)) {
                aloneUntilNanos = settings.timeSource().nanoTime() + REFUSED_NANOS;
                return false;
            }
            node.endTrial();
            node.ownParticulars().inServiceSinceNanos = settings.timeSource().nanoTime();
            if (outcome.isFailure() && mayEject(node)) {
                begin(node, "failed again on its return: " + outcome);
            }
            return true;
        });
    }

    private boolean begin(BackendState node, String cause) {
        long nowNanos = settings.timeSource().nanoTime();
        RareBackendState own = node.ownParticulars();
        if (own.ejections > 0) {
            long forgiven = (nowNanos - own.inServiceSinceNanos)
                    / policy.recoveryInterval().toNanos();
            own.ejections = (int) Math.max(0, own.ejections - forgiven);
        }
        Duration duration = policy.duration(++own.ejections, settings.random());
        long until = nowNanos + duration.toNanos();
        own.ejectedUntilNanos = until;
        own.unreachable = own.refusing;
        own.ejected = true;
        settings.scheduler().schedule(() -> writer.consider(node, () -> ended(node, until, duration)), duration);
        writer.tell(new BackendEjected(settings.name(), Instant.now(), node.backend, duration, cause));
        return true;
    }

    private boolean ended(BackendState node, long until, Duration duration) {
        if (!node.particulars().ejected || node.particulars().ejectedUntilNanos != until) {
            return false;
        }
        comesBack(node, "ejected for " + duration + (policy.trial() ? "; one call at a time until one succeeds" : ""));
        if (policy.trial()) {
            node.beginTrial(settings.timeSource());
        }
        return true;
    }

    private void comesBack(BackendState node, String cause) {
        RareBackendState own = node.ownParticulars();
        own.ejected = false;
        own.inServiceSinceNanos = settings.timeSource().nanoTime();
        if (!node.removed) {
            writer.tell(new BackendReturned(settings.name(), Instant.now(), node.backend, cause));
        }
    }

    /** Under the lock: discards what is known of the backend. */
    public void forget(BackendState node, String cause) {
        if (node.particulars().ejected) {
            comesBack(node, cause);
        }
        node.endTrial();
        if (node.particulars().ejections > 0) {
            node.ownParticulars().ejections = 0;
        }
    }

    private boolean mayEject(BackendState node) {
        if (node.particulars().ejected || !inService(node)) {
            return false;
        }
        long nowNanos = settings.timeSource().nanoTime();
        Outages others = Outages.besides(node, writer.nodes.values(), nowNanos);
        if (others.left() > 0 && others.out() < policy.maxEjected(others.serving() + 1)) {
            return true;
        }
        refusedUntilNanos = nowNanos + REFUSED_NANOS;
        return false;
    }

    private boolean isAnotherLeft(BackendState node) {
        for (BackendState other : writer.nodes.values()) {
            if (other != node && isLeft(other)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the operator wants it and no check found it down. */
    static boolean inService(BackendState node) {
        return !node.removed
                && node.adminState() == AdminState.ACTIVE
                && node.particulars().weightPercent > 0
                && node.effectiveHealth() != HealthState.DOWN;
    }

    /** Whether it is in service and no other rule takes it out. */
    static boolean isLeft(BackendState node) {
        RareBackendState known = node.particulars();
        return inService(node) && !known.ejected && !known.resting && known.breakerState != BreakerState.OPEN;
    }
}
