package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.spi.Candidate;
import java.util.random.RandomGenerator;

/** State of a backend where {@code adaptive} follows load reports as well: see {@link ReportedLoadFactor}. */
final class ReportedLoadState extends AdaptiveState {

    /** NaN before the first report: neither more nor less than any ratio. */
    private float ratio = Float.NaN;

    private int reportedAt;

    ReportedLoadState(PickCounter turns, RandomGenerator random) {
        super(turns, random);
    }

    void reported(float newRatio, int tick) {
        ratio = newRatio;
        reportedAt = tick;
        outdate();
    }

    private double power(PoolFigures figures, int backends, long nowNanos) {
        return ReportedLoadFactor.power(
                CoarseClock.of(nowNanos) - reportedAt, LatencyFactor.fewCalls(figures, backends));
    }

    @Override
    double latencyFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos) {
        double latency = super.latencyFactor(candidate, figures, backends, nowNanos);
        return ReportedLoadFactor.latency(latency, ratio, power(figures, backends, nowNanos));
    }

    @Override
    double unfadedLatencyFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos) {
        double latency = super.unfadedLatencyFactor(candidate, figures, backends, nowNanos);
        return ReportedLoadFactor.latency(latency, ratio, power(figures, backends, nowNanos));
    }

    @Override
    double ageFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos) {
        double age = super.ageFactor(candidate, figures, backends, nowNanos);
        return ReportedLoadFactor.age(age, ratio, power(figures, backends, nowNanos));
    }
}
