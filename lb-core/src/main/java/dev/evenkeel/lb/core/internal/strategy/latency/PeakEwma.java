package dev.evenkeel.lb.core.internal.strategy.latency;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.ExponentialDecay;
import dev.evenkeel.lb.core.internal.strategy.load.FastFailurePenalty;
import dev.evenkeel.lb.spi.Candidate;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Latency of a backend as in Finagle's {@code PeakEwma}: a worse sample counts at once, a better one over 10 s.
 *
 * <p>Unlike in Finagle, an average without new samples drifts to the pool's, not to 0: an unknown latency is neither
 * best nor worst. Threads race on it: a lost update is a lost sample.
 *
 * <p>It shares one object with the backend's fast failures, since a reader needs both.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public final class PeakEwma extends FastFailurePenalty {

    private static final double HORIZON_NANOS = 10e9;

    private static final VarHandle AVERAGE = VarHandles.field(MethodHandles.lookup(), "average", double.class);
    private static final VarHandle LAST = VarHandles.field(MethodHandles.lookup(), "last", long.class);

    private double average;
    private long last;
    /** The number of picks, for ties; racing threads may lose one. */
    private int picks;

    static PeakEwma of(Candidate candidate) {
        return candidate.state(PeakEwma.class, PeakEwma::new);
    }

    @Override
    public void completed(Outcome outcome, long latencyNanos, double usualLatencyNanos, long nowNanos) {
        super.completed(outcome, latencyNanos, usualLatencyNanos, nowNanos);
        double sample = Math.max(1, latencyNanos);
        double before = (double) AVERAGE.getOpaque(this);
        // The duration of an error matters only if it was long.
        if (outcome.isNeutral() || (outcome != Outcome.SUCCESS && (before == 0 || sample <= before))) {
            return;
        }
        double left = ExponentialDecay.left(nowNanos - (long) LAST.getOpaque(this), HORIZON_NANOS);
        AVERAGE.setOpaque(this, sample >= before ? sample : before * left + sample * (1 - left));
        LAST.setOpaque(this, nowNanos);
    }

    /** The average, mixed with the pool's median as its samples age; 1 without any sample. */
    double nanos(double poolLatencyNanos, long nowNanos) {
        double usual = Math.max(1, poolLatencyNanos);
        double then = (double) AVERAGE.getOpaque(this);
        if (then == 0) {
            return usual;
        }
        return usual + (then - usual) * ExponentialDecay.left(nowNanos - (long) LAST.getOpaque(this), HORIZON_NANOS);
    }

    int picks() {
        return picks;
    }

    void picked() {
        picks++;
    }

    /** Limits the lag behind another backend to one round of picks, given the ratio of their weights. */
    void keepUpWith(PeakEwma other, double relativeWeight) {
        picks = Math.max(picks, (int) (other.picks * relativeWeight - Math.max(1, relativeWeight)));
    }
}
