package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Live statistics of one backend, as {@link dev.evenkeel.lb.spi.Candidate} describes them.
 *
 * <p>{@link #completed} records what a call has shown about the backend. Threads race there without a lock; a lost
 * update is a lost sample.
 *
 * <p>A pool's object for a backend is a subclass. Fields that each call writes are adjacent; rarely written fields lie
 * between them and the next backend's object, and so take the place of padding.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public class BackendStats extends CallsInFlight implements FailureMemory {

    private static final double MEDIAN_HORIZON_NANOS = 10e9;
    private static final int FIRST = 4;
    private static final double CANCELLED_FACTOR = 1.05;
    private static final double LARGEST_FACTOR = 8;

    private static final VarHandle MEDIAN = VarHandles.field(MethodHandles.lookup(), "median", double.class);
    private static final VarHandle GAP = VarHandles.field(MethodHandles.lookup(), "gap", float.class);
    private static final VarHandle LAST_SAMPLE = VarHandles.field(MethodHandles.lookup(), "lastSample", long.class);
    private static final VarHandle P99 = VarHandles.field(MethodHandles.lookup(), "p99", float.class);
    private static final VarHandle FAILURES = VarHandles.field(MethodHandles.lookup(), "failures", double.class);
    private static final VarHandle LAST_VERDICT = VarHandles.field(MethodHandles.lookup(), "lastVerdict", long.class);
    private static final VarHandle EXCUSED_MEDIAN =
            VarHandles.field(MethodHandles.lookup(), "excusedMedian", float.class);
    private static final VarHandle SAMPLES = VarHandles.field(MethodHandles.lookup(), "samples", int.class);

    private final PoolStats pool;

    private double median;
    private float gap;
    private float p99;
    /** The median before the latest sample, if that was a failure; else 0. */
    private float excusedMedian;

    private long lastSample;
    private double failures;
    private long lastVerdict = FailureRateEwma.NEVER;
    private int samples;

    /**
     * Creates the statistics of a backend without calls.
     *
     * @param pool the statistics of its pool, which get this backend's samples too
     */
    public BackendStats(PoolStats pool) {
        this.pool = pool;
    }

    /**
     * Whether this backend's samples go to a pool's statistics.
     *
     * @param other the statistics of a pool
     * @return whether they get this backend's samples
     */
    public final boolean isOf(PoolStats other) {
        return pool == other;
    }

    /**
     * Records a call that has ended.
     *
     * @param outcome how it ended
     * @param latencyNanos from the start to the response, or to the end without one
     * @param nowNanos when it ended
     */
    public final void completed(Outcome outcome, long latencyNanos, long nowNanos) {
        switch (outcome) {
            case SUCCESS, TIMED_OUT -> {
                judge(outcome != Outcome.SUCCESS, nowNanos);
                excuse(outcome == Outcome.SUCCESS ? 0 : latencyNanos());
                if (outcome != Outcome.SUCCESS
                        || !SampleSpacing.skips(latencySamples(), latencyGapNanos(), nowNanos - latencySampleNanos())) {
                    sample(latencyNanos, nowNanos);
                }
            }
            // A refusal for want of capacity is no fault of the backend's health. But it must not attract more calls,
            // and it comes so fast that the backend would look idle.
            case SERVER_ERROR, GATEWAY_ERROR, THROTTLED, NEVER_SENT, FAILED -> judge(true, nowNanos);
            case CANCELLED -> cancelled(latencyNanos);
            case DISCARDED -> {}
        }
    }

    /**
     * Takes over the latency of the same backend, which was in the pool before.
     *
     * @param count the number of samples
     * @param medianNanos their median
     * @param p99Nanos their 99th percentile
     * @param gapNanos the usual time between two samples
     * @param lastNanos when the last one was recorded
     */
    protected final void restoreLatency(
            int count, double medianNanos, double p99Nanos, double gapNanos, long lastNanos) {
        median = medianNanos;
        p99 = (float) p99Nanos;
        gap = (float) gapNanos;
        lastSample = lastNanos;
        samples = count;
    }

    /**
     * Takes over the share of failures of the same backend, which was in the pool before.
     *
     * @param share the share, 0 to 1
     * @param thenNanos when it was that share
     */
    protected final void restoreFailures(double share, long thenNanos) {
        if (share > 0) {
            failures = share;
            lastVerdict = thenNanos;
        }
    }

    @Override
    public void forgetFailures() {
        FAILURES.setOpaque(this, 0.0);
        excused();
    }

    /** Takes back what the latest failure has done to the median. */
    private void excused() {
        float medianNanos = (float) EXCUSED_MEDIAN.getOpaque(this);
        if (medianNanos > 0) {
            excuse(0);
            MEDIAN.setOpaque(this, (double) medianNanos);
        }
    }

    @Override
    public void takeFailureBack(long nowNanos) {
        excused();
        double share = failureRate(nowNanos);
        if (share > 0) {
            FAILURES.setOpaque(this, FailureRateEwma.lessOneFailure(share));
            LAST_VERDICT.setOpaque(this, nowNanos);
        }
    }

    /** Remembers the median that a health check restores; 0 for none. */
    private void excuse(double medianNanos) {
        if (medianNanos != 0 || (float) EXCUSED_MEDIAN.getOpaque(this) != 0) {
            EXCUSED_MEDIAN.setOpaque(this, (float) medianNanos);
        }
    }

    private void judge(boolean failed, long nowNanos) {
        double before = (double) FAILURES.getOpaque(this);
        long last = (long) LAST_VERDICT.getOpaque(this);
        if (!failed
                && before == 0
                && last != FailureRateEwma.NEVER
                && nowNanos - last < FailureRateEwma.UNWEIGHTED_NANOS) {
            // Nothing to fade, and the time would weigh nothing: the line stays with the processor that has it.
            return;
        }
        FAILURES.setOpaque(this, FailureRateEwma.next(before, failed, last, nowNanos));
        LAST_VERDICT.setOpaque(this, nowNanos);
    }

    private void sample(long latencyNanos, long nowNanos) {
        double sample = Math.max(1, latencyNanos);
        int count = (int) SAMPLES.getOpaque(this);
        if (count == 0) {
            MEDIAN.setOpaque(this, nearPool(sample));
        } else {
            double usualGap = latencyGapNanos();
            MEDIAN.setOpaque(this, next(count, sample, usualGap));
            GAP.setOpaque(this, (float) MeanSampleInterval.next(usualGap, nowNanos - latencySampleNanos()));
        }
        P99.setOpaque(this, (float) RunningPercentile.next99((float) P99.getOpaque(this), sample, count));
        LAST_SAMPLE.setOpaque(this, nowNanos);
        if (count < Integer.MAX_VALUE) {
            SAMPLES.setRelease(this, count + 1);
        }
        pool.sample(latencyNanos, nowNanos);
    }

    /**
     * The fastest of the first responses counts: slower ones are slow because of connections and caches that are not
     * warm yet.
     */
    private double next(int count, double sample, double usualGapNanos) {
        double before = latencyNanos();
        if (count < FIRST && sample < before) {
            return sample;
        }
        double step = RunningMedian.step(count, usualGapNanos, MEDIAN_HORIZON_NANOS);
        return RunningMedian.next(sample < before ? withinReach(before, sample) : before, sample, step);
    }

    /**
     * A median from which a backend that has recovered comes back. No strategy tells one that is 8 times as slow as the
     * pool from one that is slower still, and steps down from there would take as many trials again.
     */
    private double withinReach(double before, double sample) {
        double reach = LARGEST_FACTOR * pool.latencyNanos();
        return reach > 0 ? Math.min(before, Math.max(sample, reach)) : before;
    }

    /** The first response of a new backend may be a cold one, and must not decide alone. */
    private double nearPool(double sample) {
        double usual = pool.latencyNanos();
        return usual > 0 ? Math.max(usual / 2, Math.min(usual * 2, sample)) : sample;
    }

    /** A call cancelled early says nothing; a late one says that the response would have come later still. */
    private void cancelled(long latencyNanos) {
        double before = latencyNanos();
        if (latencyNanos >= pool.latencyP95Nanos() && before < LARGEST_FACTOR * pool.latencyNanos()) {
            excuse(before);
            MEDIAN.setOpaque(this, before * CANCELLED_FACTOR);
        }
    }

    /**
     * A running median of the time to a response.
     *
     * @return nanoseconds; 0 without a sample
     */
    public final double latencyNanos() {
        return (double) MEDIAN.getOpaque(this);
    }

    /**
     * A running 99th percentile of the time to a response, over about the last 2,000 responses.
     *
     * @return nanoseconds; 0 without a sample
     */
    public final double latencyP99Nanos() {
        return (float) P99.getOpaque(this);
    }

    /**
     * When the last sample was recorded.
     *
     * @return meaningless without a sample
     */
    public final long latencySampleNanos() {
        return (long) LAST_SAMPLE.getOpaque(this);
    }

    /**
     * The usual time between two samples.
     *
     * @return nanoseconds; 0 until there are two samples
     */
    public final double latencyGapNanos() {
        return (float) GAP.getOpaque(this);
    }

    /**
     * The number of samples so far.
     *
     * @return at least 0
     */
    public final int latencySamples() {
        return (int) SAMPLES.getOpaque(this);
    }

    /**
     * The recent share of failures, which fades with the time since the last call ended.
     *
     * @param nowNanos the time
     * @return 0 to 1
     */
    public final double failureRate(long nowNanos) {
        double share = (double) FAILURES.getOpaque(this);
        return FailureRateEwma.left(share, (long) LAST_VERDICT.getOpaque(this), nowNanos);
    }
}
