package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.registry.Registry;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Live statistics of a pool for strategies and detectors.
 *
 * @param stats latency statistics
 * @param line the number of queued calls
 * @param registry where its backends come from
 * @param log counts the faults of the application's code
 */
record LivePoolStats(PoolStats stats, IntSupplier line, Registry registry, PoolLog log) implements PoolFigures {
    @Override
    public double latencyNanos() {
        return stats.latencyNanos();
    }

    @Override
    public double latencyP95Nanos() {
        return stats.latencyP95Nanos();
    }

    @Override
    public double latencyGapNanos() {
        return stats.latencyGapNanos();
    }

    @Override
    public double calmness() {
        return stats.calmness();
    }

    @Override
    public int queued() {
        return line.getAsInt();
    }

    @Override
    public long faults() {
        return log.faultCount();
    }

    @Override
    public long discoveryAgeNanos() {
        return registry.discoveryAgeNanos();
    }

    @Override
    public boolean discoveryFails() {
        return registry.discoveryFails();
    }

    @Override
    public @Nullable String discoveryFault() {
        return registry.discoveryFault();
    }

    @Override
    public @Nullable String discoverySource() {
        return registry.discoverySource();
    }

    @Override
    public @Nullable ErrorFigures discoveryError() {
        return registry.discoveryError();
    }

    @Override
    public boolean hasChecks() {
        return registry.hasChecks();
    }

    @Override
    public long reloadAgeNanos() {
        return registry.reloadAgeNanos();
    }

    @Override
    public Map<String, BackendFigures> backends() {
        return registry.backendFigures();
    }
}
