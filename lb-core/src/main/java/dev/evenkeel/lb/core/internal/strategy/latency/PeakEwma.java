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
 * best nor worst. After 25 s it is the pool's: an idle backend that is a little slower loses against an idle one each
 * time, so a difference that only shrinks would never let it have a call. A failure that took long is a peak of its own, so
 * that a health check can take it back. Threads race on it: a lost update is a lost sample.
 *
 * <p>It shares one object with the backend's fast failures, since a reader needs both.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public final class PeakEwma extends FastFailurePenalty {

    private static final double HORIZON_NANOS = 10e9;
    /** The age from which a sample does not count: less than a tenth of what it said is left. */
    private static final long FORGOTTEN_NANOS = 25_000_000_000L;

    private static final VarHandle AVERAGE = VarHandles.field(MethodHandles.lookup(), "average", double.class);
    private static final VarHandle LAST = VarHandles.field(MethodHandles.lookup(), "last", long.class);

    private double average;
    private long last;
    /** The longest of the latest failures; 0 if there is none. */
    private volatile double failurePeak;

    private volatile long failedAt;
    /** The failures since the peak was 0, which so many checks take back. */
    private volatile int lateFailures;
    /** The number of picks, for ties; racing threads may lose one. */
    private int picks;

    static PeakEwma of(Candidate candidate) {
        return candidate.state(PeakEwma.class, PeakEwma::new);
    }

    @Override
    public void completed(Outcome outcome, long latencyNanos, double usualLatencyNanos, long nowNanos) {
        super.completed(outcome, latencyNanos, usualLatencyNanos, nowNanos);
        if (outcome.isNeutral()) {
            return;
        }
        double sample = Math.max(1, latencyNanos);
        double before = (double) AVERAGE.getOpaque(this);
        if (outcome != Outcome.SUCCESS) {
            // The duration of an error matters only if it was long.
            if (before > 0 && sample > nanos(usualLatencyNanos, nowNanos)) {
                failedLate(sample, nowNanos);
            }
            return;
        }
        double left = ExponentialDecay.left(nowNanos - (long) LAST.getOpaque(this), HORIZON_NANOS);
        AVERAGE.setOpaque(this, sample >= before ? sample : before * left + sample * (1 - left));
        LAST.setOpaque(this, nowNanos);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // a lost update is a lost failure
    private void failedLate(double sample, long nowNanos) {
        failedAt = nowNanos;
        failurePeak = sample;
        lateFailures++;
    }

    @Override
    public void forgetFailures() {
        super.forgetFailures();
        forgetLateFailures();
    }

    @Override
    public void takeFailureBack(long nowNanos) {
        super.takeFailureBack(nowNanos);
        int left = Math.max(0, lateFailures - 1);
        lateFailures = left;
        if (left == 0) {
            failurePeak = 0;
        }
    }

    /** The average, mixed with the pool's median as its samples age; 1 without any sample. */
    double nanos(double poolLatencyNanos, long nowNanos) {
        double usual = Math.max(1, poolLatencyNanos);
        double nanos = faded((double) AVERAGE.getOpaque(this), usual, nowNanos - (long) LAST.getOpaque(this));
        double peak = failurePeak;
        return peak == 0 ? nanos : Math.max(nanos, peak(peak, usual, nowNanos));
    }

    private double peak(double peak, double usual, long nowNanos) {
        long ageNanos = nowNanos - failedAt;
        if (ageNanos > FORGOTTEN_NANOS) {
            forgetLateFailures();
        }
        return faded(peak, usual, ageNanos);
    }

    private void forgetLateFailures() {
        failurePeak = 0;
        lateFailures = 0;
    }

    private static double faded(double then, double usual, long ageNanos) {
        return then == 0 || ageNanos > FORGOTTEN_NANOS
                ? usual
                : usual + (then - usual) * ExponentialDecay.left(ageNanos, HORIZON_NANOS);
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
