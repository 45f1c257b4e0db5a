package dev.evenkeel.lb.core;

import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.health.Breaker;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.stats.PoolStats;
import dev.evenkeel.lb.event.LoadBalancerListener;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The call path: one volatile read, a pick, two counters. No lock, no I/O; the lease is the only allocation. */
final class Pool implements LoadBalancer {
    final TimeSource timeSource;

    private final Settings settings;
    private final Writer writer;
    private final Breakers breakers;
    private final Ejections ejections;
    private final Registry registry;
    private final OutlierDetector.Detection detection;
    private final boolean skipsProven;

    Pool(Settings settings) {
        this.settings = settings;
        this.timeSource = settings.timeSource();
        this.detection = settings.outlierDetector().newDetection(timeSource);
        HealthCheckPolicy healthCheck = settings.healthCheck();
        this.skipsProven = healthCheck != null && healthCheck.skipsProven();
        PoolStats stats = new PoolStats();
        this.writer = new Writer(settings, new SnapshotBuilder(settings, stats));
        this.breakers = new Breakers(settings, writer);
        this.ejections = new Ejections(settings, writer);
        this.registry = new Registry(settings, stats, writer, breakers, ejections);
    }

    void start() {
        registry.start();
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public PickResult acquire(RequestContext context) {
        Snapshot snapshot = writer.current();
        PoolLease lease = new PoolLease(this, context, timeSource.nanoTime());
        List<Snapshot.Tier> tiers = snapshot.tiers();
        for (int i = 0; i < tiers.size(); i++) {
            Snapshot.Tier tier = tiers.get(i);
            String fault = pickFrom(tier, lease);
            if (fault == null) {
                return lease;
            }
            if (!fault.isEmpty()) {
                registry.strategyFailed(tier.picker, fault);
                return snapshot.unavailable(name(), lease.tried(), fault);
            }
        }
        return snapshot.unavailable(name(), lease.tried(), "");
    }

    /** Null if the lease was granted, empty if the tier has nothing for this request, else what the strategy did wrong. */
    private @Nullable String pickFrom(Snapshot.Tier tier, PoolLease lease) {
        while (true) {
            Candidate candidate;
            try {
                candidate = tier.picker.pick(lease);
            } catch (RuntimeException e) {
                return "strategy \"" + strategyName() + "\" threw " + e;
            }
            if (candidate == null) {
                return nothingPicked(tier, lease);
            }
            if (!(candidate instanceof BackendNode node) || node.owner != registry) {
                return "strategy \"" + strategyName() + "\" picked a candidate that is not the pool's";
            }
            if (lease.isRefused(node) || (!lease.tried().isEmpty() && Snapshot.isTried(node, lease.tried()))) {
                return "strategy \"" + strategyName() + "\" picked \"" + node.backend.id()
                        + "\", which the request does not accept";
            }
            if (enter(node, tier, lease)) {
                return null;
            }
            lease.refuse(node);
        }
    }

    private String nothingPicked(Snapshot.Tier tier, PoolLease lease) {
        int eligible = 0;
        for (BackendNode node : tier.nodes) {
            if (lease.accepts(node)) {
                eligible++;
            }
        }
        return eligible == 0
                ? ""
                : "strategy \"" + strategyName() + "\" picked nothing although the request accepts " + eligible + " of "
                        + tier.nodes.size() + " backends";
    }

    /**
     * Counts the call in, then looks again: the limit and the registry's word are checked after the count, so neither a
     * race of two calls nor a change of membership can slip one call too many past them.
     */
    private boolean enter(BackendNode node, Snapshot.Tier tier, PoolLease lease) {
        int generation = -1;
        Breaker breaker = node.breaker;
        if (breaker != null && node.breakerState != BreakerState.OPEN) {
            generation = node.breakerGeneration;
            if (!breaker.tryAcquire()) {
                return false;
            }
        }
        long nowNanos = lease.nowNanos();
        node.stats.started(nowNanos);
        if (node.closedBecause != null || isOverLimit(node)) {
            node.stats.ended(nowNanos, false);
            if (breaker != null && generation >= 0) {
                breaker.release();
            }
            if (node.watched) {
                registry.callEnded(node);
            }
            return false;
        }
        lease.grant(node, tier.picker, generation);
        tier.picker.started(node, nowNanos);
        return true;
    }

    private static boolean isOverLimit(BackendNode node) {
        int limit = node.backend.maxInFlight();
        return (limit != Integer.MAX_VALUE || node.trial) && node.stats.inFlight() > (node.trial ? 1 : limit);
    }

    /** What has to be done at the end of every attempt. */
    void completed(BackendNode node, Outcome outcome, long latencyNanos, long nowNanos, int breakerGeneration) {
        node.stats.completed(outcome, latencyNanos, nowNanos);
        breakers.completed(node, outcome, latencyNanos, breakerGeneration);
        if (!outcome.isNeutral()) {
            if (skipsProven) {
                node.proves(outcome, nowNanos);
            }
            if (node.trial) {
                ejections.trialEnded(node, outcome);
            }
            String cause = detection.observe(
                    node, outcome, latencyNanos, nowNanos, writer.current().all());
            if (cause != null) {
                ejections.propose(node, cause);
            }
        }
        if (node.watched) {
            registry.callEnded(node);
        }
    }

    private String strategyName() {
        return settings.strategy().name();
    }

    @Override
    public BackendRegistry registry() {
        return registry;
    }

    @Override
    public PoolSnapshot snapshot() {
        return registry.describe();
    }

    @Override
    public void addListener(LoadBalancerListener listener) {
        settings.events().addListener(listener);
    }

    @Override
    public void removeListener(LoadBalancerListener listener) {
        settings.events().removeListener(listener);
    }

    @Override
    public void close() {
        registry.close();
    }

    @Override
    public String toString() {
        return "LoadBalancer[" + name() + "]";
    }
}
