package dev.evenkeel.lb.core.internal.strategy.latency;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.ExponentialDecay;
import dev.evenkeel.lb.core.internal.strategy.load.FastFailurePenalty;
import dev.evenkeel.lb.core.internal.strategy.support.NormalAnswers;
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
 * <p>A sample above the pool's 95th percentile counts at once only with a {@linkplain NormalAnswers witness}, and otherwise
 * in proportion to the time since the last sample, as a better one does. So a pause of the client, which makes all calls
 * in flight late, moves no latency by much, and a client that never has two calls at once still finds a slow backend.
 *
 * <p>It shares one object with the backend's fast failures, since a reader needs both.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public final class PeakEwma extends FastFailurePenalty {

    private static final double HORIZON_NANOS = 10e9;
    /** The age from which a sample does not count: less than a tenth of what it said is left. */
    private static final long FORGOTTEN_NANOS = 25_000_000_000L;
    /** An answer later than this many times the pool's 95th percentile is no witness. */
    private static final double NORMAL = 4;
    /** A backend's first sample, without a witness, is at most this many times the pool's median. */
    private static final double MAX_FIRST = 2;

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

    /**
     * Records a call that has ended.
     *
     * @param answers the times at which calls of the pool ended normally, to which this call is added if it did
     */
    void completed(Outcome outcome, long latencyNanos, PoolFigures figures, NormalAnswers answers, long nowNanos) {
        double usualNanos = figures.latencyNanos();
        count(outcome, latencyNanos, usualNanos, nowNanos);
        if (outcome.isNeutral()) {
            return;
        }
        double sample = Math.max(1, latencyNanos);
        double p95Nanos = figures.latencyP95Nanos();
        boolean believed = sample <= p95Nanos || p95Nanos <= 0 || answers.hasWitness(latencyNanos, p95Nanos, nowNanos);
        if (outcome == Outcome.SUCCESS) {
            succeeded(sample, believed, usualNanos, nowNanos);
            if (p95Nanos <= 0 || sample <= NORMAL * p95Nanos) {
                answers.add(nowNanos, p95Nanos);
            }
        } else if ((double) AVERAGE.getOpaque(this) > 0) {
            // The duration of an error matters only if it was long.
            double now = nanos(usualNanos, nowNanos);
            if (sample > now) {
                failedLate(believed ? sample : mixed(now, sample, nowNanos), nowNanos);
            }
        }
    }

    private void succeeded(double sample, boolean believed, double usualNanos, long nowNanos) {
        double before = (double) AVERAGE.getOpaque(this);
        double next;
        if (before == 0) {
            next = believed ? sample : Math.min(sample, MAX_FIRST * Math.max(1, usualNanos));
        } else {
            next = sample >= before && believed ? sample : mixed(before, sample, nowNanos);
        }
        AVERAGE.setOpaque(this, next);
        LAST.setOpaque(this, nowNanos);
    }

    private double mixed(double before, double sample, long nowNanos) {
        double left = ExponentialDecay.left(nowNanos - (long) LAST.getOpaque(this), HORIZON_NANOS);
        return before * left + sample * (1 - left);
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
