package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Latency of a whole pool: a running median, a running 95th percentile, and the ratio of the last second to the last
 * two minutes.
 *
 * <p>Threads race on it without a lock: a lost update is a lost sample. Every field is read and written as a whole.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public final class PoolStats extends CacheLinePadding implements PoolFigures {

    private static final double MEDIAN_HORIZON_NANOS = 10e9;
    private static final double FAST_HORIZON_NANOS = 1e9;
    private static final double SLOW_HORIZON_NANOS = 120e9;

    /** The percentile of so many samples is exact; after that it moves by steps. */
    private static final int FIRST_SAMPLES = 200;

    /** One in so many samples is above the percentile. */
    private static final int ONE_IN = 20;

    private static final double P95_STEP = 0.02;

    private static final VarHandle SLOWEST = MethodHandles.arrayElementVarHandle(double[].class);
    private static final VarHandle MEDIAN = VarHandles.field(MethodHandles.lookup(), "median", double.class);
    private static final VarHandle FAST_MEDIAN = VarHandles.field(MethodHandles.lookup(), "fastMedian", double.class);
    private static final VarHandle SLOW_MEDIAN = VarHandles.field(MethodHandles.lookup(), "slowMedian", double.class);
    private static final VarHandle P95 = VarHandles.field(MethodHandles.lookup(), "p95", double.class);
    private static final VarHandle GAP = VarHandles.field(MethodHandles.lookup(), "gap", double.class);
    private static final VarHandle LAST = VarHandles.field(MethodHandles.lookup(), "last", long.class);
    private static final VarHandle SAMPLES = VarHandles.field(MethodHandles.lookup(), "samples", long.class);

    /** The slowest of the first samples, in descending order. */
    private final double[] slowest = new double[FIRST_SAMPLES / ONE_IN + 1];

    private double median;
    private double fastMedian;
    private double slowMedian;
    private double p95;
    private double gap;
    private long last;
    private long samples;

    long q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

    /** Creates statistics without samples. */
    public PoolStats() {}

    /**
     * Records the latency of one success or timeout.
     *
     * @param latencyNanos the time to the response
     * @param nowNanos when the call ended
     */
    public void sample(long latencyNanos, long nowNanos) {
        double sample = Math.max(1, latencyNanos);
        int count = (int) Math.min(Integer.MAX_VALUE, (long) SAMPLES.getOpaque(this));
        if (count == 0) {
            first(sample, nowNanos);
            return;
        }
        long sinceLast = nowNanos - (long) LAST.getOpaque(this);
        double usualGap = (double) GAP.getOpaque(this);
        if (SampleSpacing.skips(count, usualGap, sinceLast)) {
            return;
        }
        MEDIAN.setOpaque(this, moved(MEDIAN, sample, count, usualGap, MEDIAN_HORIZON_NANOS));
        FAST_MEDIAN.setOpaque(this, moved(FAST_MEDIAN, sample, count, usualGap, FAST_HORIZON_NANOS));
        SLOW_MEDIAN.setOpaque(this, moved(SLOW_MEDIAN, sample, count, usualGap, SLOW_HORIZON_NANOS));
        P95.setOpaque(this, count < FIRST_SAMPLES ? firstP95(sample, count) : nextP95(latencyP95Nanos(), sample));

        GAP.setOpaque(this, MeanSampleInterval.next(usualGap, sinceLast));
        LAST.setOpaque(this, nowNanos);
        SAMPLES.setOpaque(this, count + 1L);
    }

    private void first(double sample, long nowNanos) {
        MEDIAN.setOpaque(this, sample);
        FAST_MEDIAN.setOpaque(this, sample);
        SLOW_MEDIAN.setOpaque(this, sample);
        P95.setOpaque(this, firstP95(sample, 0));
        LAST.setOpaque(this, nowNanos);
        // Last, so that a reader that sees a count sees medians above 0.
        SAMPLES.setRelease(this, 1L);
    }

    private double moved(VarHandle field, double sample, int count, double usualGap, double horizonNanos) {
        double step = RunningMedian.step(count, usualGap, horizonNanos);
        return RunningMedian.next((double) field.getOpaque(this), sample, step);
    }

    /** 19 steps up weigh as much as one down, so it settles where 5 % of the samples are above. */
    private static double nextP95(double p95, double sample) {
        return sample > p95 ? p95 * (1 + 0.95 * P95_STEP) : p95 * (1 - 0.05 * P95_STEP);
    }

    /**
     * The percentile of the samples so far. Steps would need thousands of samples to come down from a process's first
     * response, which is slow everywhere.
     */
    private double firstP95(double sample, int before) {
        double sinking = sample;
        for (int i = 0; i < slowest.length && sinking > 0; i++) {
            double there = (double) SLOWEST.getOpaque(slowest, i);
            if (sinking > there) {
                SLOWEST.setOpaque(slowest, i, sinking);
                sinking = there;
            }
        }
        return (double) SLOWEST.getOpaque(slowest, (before + 1) / ONE_IN);
    }

    @Override
    public double latencyNanos() {
        return (double) MEDIAN.getOpaque(this);
    }

    @Override
    public double latencyP95Nanos() {
        return (double) P95.getOpaque(this);
    }

    @Override
    public double latencyGapNanos() {
        return (double) GAP.getOpaque(this);
    }

    /**
     * The running median of the last two minutes.
     *
     * @return nanoseconds; 0 without a sample
     */
    public double usualLatencyNanos() {
        return (double) SLOW_MEDIAN.getOpaque(this);
    }

    @Override
    public double calmness() {
        double fast = (double) FAST_MEDIAN.getOpaque(this);
        double slow = (double) SLOW_MEDIAN.getOpaque(this);
        return slow < fast && slow > 0 ? slow / fast : 1;
    }
}
