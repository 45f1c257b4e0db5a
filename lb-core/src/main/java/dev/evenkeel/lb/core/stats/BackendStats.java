package dev.evenkeel.lb.core.stats;

import dev.evenkeel.lb.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The live figures of one backend, as {@link dev.evenkeel.lb.spi.Candidate} describes them.
 *
 * <p>A call is {@link #started}, perhaps {@link #answered} while its body still streams, and {@link #ended}: these count
 * exactly. {@link #completed} takes what the call has taught about the backend; there threads race without a lock and a
 * lost update is a lost sample.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public final class BackendStats extends LeadingPad {

    private static final double MEDIAN_HORIZON_NANOS = 10e9;
    private static final double CANCELLED_FACTOR = 1.05;
    private static final double LARGEST_FACTOR_BY_CANCELS = 8;

    private static final VarHandle WAITING = field("waiting", long.class);
    private static final VarHandle STREAMS = field("streams", int.class);
    private static final VarHandle MEDIAN = field("median", double.class);
    private static final VarHandle GAP = field("gap", double.class);
    private static final VarHandle LAST_SAMPLE = field("lastSample", long.class);
    private static final VarHandle FAILURES = field("failures", double.class);
    private static final VarHandle LAST_VERDICT = field("lastVerdict", long.class);
    private static final VarHandle SAMPLES = field("samples", int.class);

    private final PoolStats pool;

    private long waiting = WaitingCalls.NONE;
    private double median;
    private double gap;
    private long lastSample;
    private double failures;
    private long lastVerdict = FailureShare.NEVER;
    private int samples;
    private int streams;

    long q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

    /**
     * Figures of a backend that has had no call.
     *
     * @param pool the figures of its pool; gets this backend's samples too
     */
    public BackendStats(PoolStats pool) {
        this.pool = pool;
    }

    /**
     * A call begins.
     *
     * @param nowNanos the time, to be given again when it is answered or ends
     */
    public void started(long nowNanos) {
        WAITING.getAndAdd(this, WaitingCalls.one(nowNanos));
    }

    /**
     * A call has its answer but goes on: it is in flight and waits no more, so that a long stream does not look like a
     * hang.
     *
     * @param startNanos when it started
     */
    public void answered(long startNanos) {
        // In this order, and inFlight() in the other, a racing reader may count the call twice but never miss it.
        STREAMS.getAndAdd(this, 1);
        WAITING.getAndAdd(this, -WaitingCalls.one(startNanos));
    }

    /**
     * A call ends.
     *
     * @param startNanos when it started
     * @param answered whether it was {@link #answered} before
     */
    public void ended(long startNanos, boolean answered) {
        if (answered) {
            STREAMS.getAndAdd(this, -1);
        } else {
            WAITING.getAndAdd(this, -WaitingCalls.one(startNanos));
        }
    }

    /**
     * Calls that have started and not ended.
     *
     * @return at least 0
     */
    public int inFlight() {
        return WaitingCalls.count((long) WAITING.getVolatile(this)) + (int) STREAMS.getVolatile(this);
    }

    /**
     * The mean age of the calls without an answer.
     *
     * @param nowNanos the time
     * @return nanoseconds; 0 if nothing waits
     */
    public double waitingNanos(long nowNanos) {
        return WaitingCalls.meanNanos((long) WAITING.getVolatile(this), nowNanos);
    }

    /**
     * Learns from a call that has ended.
     *
     * @param outcome how
     * @param latencyNanos from the start to the answer, or to the end without one
     * @param nowNanos when it ended
     */
    public void completed(Outcome outcome, long latencyNanos, long nowNanos) {
        switch (outcome) {
            case SUCCESS, TIMED_OUT -> {
                judge(outcome != Outcome.SUCCESS, nowNanos);
                sample(latencyNanos, nowNanos);
            }
            // A refusal for want of capacity is no fault of its health, but more calls are the wrong answer to it,
            // and it comes so fast that the backend would look idle.
            case SERVER_ERROR, THROTTLED, NEVER_SENT, FAILED -> judge(true, nowNanos);
            case CANCELLED -> cancelled(latencyNanos);
            case DISCARDED -> {}
        }
    }

    private void judge(boolean failed, long nowNanos) {
        double before = (double) FAILURES.getOpaque(this);
        long last = (long) LAST_VERDICT.getOpaque(this);
        FAILURES.setOpaque(this, FailureShare.next(before, failed, last, nowNanos));
        LAST_VERDICT.setOpaque(this, nowNanos);
    }

    private void sample(long latencyNanos, long nowNanos) {
        double sample = Math.max(1, latencyNanos);
        int count = (int) SAMPLES.getOpaque(this);
        if (count == 0) {
            MEDIAN.setOpaque(this, nearPool(sample));
        } else {
            double usualGap = (double) GAP.getOpaque(this);
            double step = RunningMedian.step(count, usualGap, MEDIAN_HORIZON_NANOS);
            MEDIAN.setOpaque(this, RunningMedian.next(latencyNanos(), sample, step));
            GAP.setOpaque(this, SampleGap.next(usualGap, nowNanos - latencySampleNanos()));
        }
        LAST_SAMPLE.setOpaque(this, nowNanos);
        if (count < Integer.MAX_VALUE) {
            SAMPLES.setRelease(this, count + 1);
        }
        pool.sample(latencyNanos, nowNanos);
    }

    /** The first answer of a newcomer, cold as it may be, must not decide what is thought of it. */
    private double nearPool(double sample) {
        double usual = pool.latencyNanos();
        return usual > 0 ? Math.max(usual / 2, Math.min(usual * 2, sample)) : sample;
    }

    /** A call that was given up early says nothing; a late one says that the answer would have been later still. */
    private void cancelled(long latencyNanos) {
        double before = latencyNanos();
        if (latencyNanos >= pool.latencyP95Nanos() && before < LARGEST_FACTOR_BY_CANCELS * pool.latencyNanos()) {
            MEDIAN.setOpaque(this, before * CANCELLED_FACTOR);
        }
    }

    /**
     * A running median of the time to an answer.
     *
     * @return nanoseconds; 0 without a sample
     */
    public double latencyNanos() {
        return (double) MEDIAN.getOpaque(this);
    }

    /**
     * When the last sample came.
     *
     * @return meaningless without a sample
     */
    public long latencySampleNanos() {
        return (long) LAST_SAMPLE.getOpaque(this);
    }

    /**
     * The recent share of failures, which fades with the time since the last call ended.
     *
     * @param nowNanos the time
     * @return 0 to 1
     */
    public double failureRate(long nowNanos) {
        double share = (double) FAILURES.getOpaque(this);
        return FailureShare.left(share, (long) LAST_VERDICT.getOpaque(this), nowNanos);
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(BackendStats.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
