package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.FailureMemory;
import dev.evenkeel.lb.core.internal.stats.FailureRateEwma;
import dev.evenkeel.lb.core.internal.strategy.support.FailurePenalty;
import dev.evenkeel.lb.spi.Candidate;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The recent share of calls that a backend failed faster than the pool usually responds. Such a backend always looks
 * idle and would attract all traffic; a backend that fails slowly has its calls in flight counted against it.
 *
 * <p>Threads race on it: a lost update is a lost result.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
public class FastFailurePenalty implements FailureMemory {

    private static final VarHandle SHARE = VarHandles.field(MethodHandles.lookup(), "share", double.class);
    private static final VarHandle LAST = VarHandles.field(MethodHandles.lookup(), "last", long.class);

    private double share;
    private long last = FailureRateEwma.NEVER;

    static FastFailurePenalty of(Candidate candidate) {
        return candidate.state(FastFailurePenalty.class, FastFailurePenalty::new);
    }

    /** Counts how a call ended, unless that says nothing of the share. */
    public final void count(Outcome outcome, long latencyNanos, double usualLatencyNanos, long nowNanos) {
        boolean failed = outcome.isFailure() || outcome == Outcome.THROTTLED;
        double before = (double) SHARE.getOpaque(this);
        if (outcome.isNeutral()
                || (failed && latencyNanos > usualLatencyNanos && usualLatencyNanos > 0)
                || (!failed && before == 0)) {
            return;
        }
        SHARE.setOpaque(this, FailureRateEwma.next(before, failed, (long) LAST.getOpaque(this), nowNanos));
        LAST.setOpaque(this, nowNanos);
    }

    @Override
    public void forgetFailures() {
        SHARE.setOpaque(this, 0.0);
    }

    @Override
    public void takeFailureBack(long nowNanos) {
        double share = share(nowNanos);
        if (share > 0) {
            SHARE.setOpaque(this, FailureRateEwma.lessOneFailure(share));
            LAST.setOpaque(this, nowNanos);
        }
    }

    /** The factor by which to send less: see {@link FailurePenalty}. 1 without recent failures. */
    public double penalty(PoolFigures figures, long nowNanos) {
        double share = share(nowNanos);
        return share == 0 ? 1 : FailurePenalty.of(share, figures.calmness());
    }

    private double share(long nowNanos) {
        double then = (double) SHARE.getOpaque(this);
        return then == 0 ? 0 : FailureRateEwma.left(then, (long) LAST.getOpaque(this), nowNanos);
    }
}
