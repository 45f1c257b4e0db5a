package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.internal.stats.RelativeGuard;
import dev.evenkeel.lb.core.internal.stats.RunningMedian;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether breakers may take out more of a pool than their ceiling: only while some of the used backends work
 * well, so that there is capacity to take the calls.
 *
 * <p>A backend works well if it fails clearly less than the backend in question, and if its calls of about the last
 * second were not much slower than the pool's usual ones: an overloaded backend becomes slow before it fails. The mean
 * over the pool would not do: a pool whose slow backends are overloaded by equal shares is slow and fails on average,
 * although its fast backends are idle.
 *
 * <p>Latencies are recorded only while a breaker is open. A lost update is a lost sample.
 */
final class CeilingGuard {
    /** At least this share of the pool must work well. */
    private static final double MIN_WELL_SHARE = 0.1;

    /** A backend that is slower than the pool's usual latency by more than this factor does not work well. */
    private static final double MAX_SLOWDOWN = 2;

    private static final double HORIZON_NANOS = 1e9;

    private final PoolStats stats;

    CeilingGuard(PoolStats stats) {
        this.stats = stats;
    }

    /** On the call path, while a breaker is open: records the end of a call. */
    void completed(BackendState node, Outcome outcome, long latencyNanos) {
        if (outcome == Outcome.SUCCESS || outcome == Outcome.TIMED_OUT) {
            double step = RunningMedian.step(node.latencySamples(), node.latencyGapNanos(), HORIZON_NANOS);
            node.ownCircuit()
                    .recentLatencyNanos(RunningMedian.next(recentLatencyNanos(node), (double) latencyNanos, step));
        }
    }

    /** Forgets what was recorded when a breaker was open earlier. */
    void forget(Iterable<BackendState> nodes) {
        for (BackendState node : nodes) {
            if (node.circuit().recentLatencyNanos() != 0) {
                node.ownCircuit().recentLatencyNanos(0);
            }
        }
    }

    /**
     * Whether enough used backends work well.
     *
     * @param well how many do, by {@link #workingWell}
     * @param serving how many backends could serve
     */
    static boolean isEnough(int well, int serving) {
        return well >= Math.max(1, Math.ceil(MIN_WELL_SHARE * serving));
    }

    /**
     * The number of used backends that work well, compared with a backend whose calls fail.
     *
     * @param excepted a backend that is not counted, or null
     * @param share the share of the failing backend's calls that fail, 0 to 1
     */
    @SuppressWarnings("ReferenceEquality") // a backend has one node
    int workingWell(Collection<BackendState> all, @Nullable BackendState excepted, double share, long nowNanos) {
        return (int) all.stream()
                .filter(node -> node != excepted && Outages.isUsed(node) && worksWell(node, share, nowNanos))
                .count();
    }

    private boolean worksWell(BackendState node, double share, long nowNanos) {
        double latencyNanos = recentLatencyNanos(node);
        return !node.circuit().isRefusing()
                && latencyNanos > 0
                && latencyNanos <= MAX_SLOWDOWN * stats.usualLatencyNanos()
                && RelativeGuard.passes(share, node.failureRate(nowNanos));
    }

    private static double recentLatencyNanos(BackendState node) {
        double recent = node.circuit().recentLatencyNanos();
        return recent > 0 ? recent : node.latencyNanos();
    }
}
