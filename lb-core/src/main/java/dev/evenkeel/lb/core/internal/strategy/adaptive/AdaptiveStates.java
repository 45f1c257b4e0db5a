package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.spi.Candidate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the state of a backend, or makes it. One object for all pickers of a pool: creating a supplier for each call
 * takes 16 bytes that the JVM does not always optimize away.
 */
final class AdaptiveStates {

    private final Supplier<AdaptiveState> plain;
    private final Supplier<ReportedLoadState> reporting;
    /** Null if load reports do not count. */
    private final @Nullable RecentLoads loads;

    private AdaptiveStates(PickCounter turns, RandomGenerator random, @Nullable RecentLoads loads) {
        this.plain = () -> new AdaptiveState(turns, random);
        this.reporting = () -> new ReportedLoadState(turns, random);
        this.loads = loads;
    }

    /**
     * Begins without states.
     *
     * @param followsReports whether load reports count
     */
    static AdaptiveStates of(PickCounter turns, RandomGenerator random, boolean followsReports) {
        return new AdaptiveStates(turns, random, followsReports ? new RecentLoads() : null);
    }

    boolean followsReports() {
        return loads != null;
    }

    AdaptiveState of(Candidate candidate) {
        return loads == null ? candidate.state(AdaptiveState.class, plain) : reporting(candidate);
    }

    private ReportedLoadState reporting(Candidate candidate) {
        return candidate.state(ReportedLoadState.class, reporting);
    }

    /** Takes note of a report, unless reports do not count, or do not count at this rate of calls. */
    void reported(Candidate candidate, LoadReport report, PoolFigures figures, int backends, long nowNanos) {
        RecentLoads recent = loads;
        if (recent == null || LatencyFactor.fewCalls(figures, backends) == 0) {
            return;
        }
        // Not LoadReport.metric: a backend that reports 0 is idle, one that does not report is unknown.
        Double inFlight = report.metrics().get(LoadReport.IN_FLIGHT);
        double weight = candidate.weight();
        if (inFlight == null || !(inFlight >= 0) || !(weight > 0)) {
            return;
        }
        int tick = CoarseClock.of(nowNanos);
        recent.add(candidate.backend().id(), inFlight / weight, tick);
        reporting(candidate).reported(ReportedLoadFactor.ratio(inFlight, recent.median(tick) * weight), tick);
    }
}
