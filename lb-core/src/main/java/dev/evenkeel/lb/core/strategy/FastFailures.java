package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.stats.FailureMemory;
import dev.evenkeel.lb.core.stats.FailureShare;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PoolFigures;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The recent share of calls that a backend failed faster than the pool usually answers. Such a backend always looks idle
 * and would draw all traffic; one that fails slowly has its calls in flight to speak against it.
 *
 * <p>Threads race on it: a lost update is a lost verdict.
 */
@SuppressWarnings("UnusedVariable") // the fields are read through their handles
class FastFailures implements FailureMemory {

    private static final VarHandle SHARE = field("share", double.class);
    private static final VarHandle LAST = field("last", long.class);

    private double share;
    private long last = FailureShare.NEVER;

    static FastFailures of(Candidate candidate) {
        return candidate.state(FastFailures.class, FastFailures::new);
    }

    void completed(Outcome outcome, long latencyNanos, double usualLatencyNanos, long nowNanos) {
        boolean failed = outcome.isFailure() || outcome == Outcome.THROTTLED;
        double before = (double) SHARE.getOpaque(this);
        if (outcome.isNeutral()
                || (failed && latencyNanos > usualLatencyNanos && usualLatencyNanos > 0)
                || (!failed && before == 0)) {
            return;
        }
        SHARE.setOpaque(this, FailureShare.next(before, failed, (long) LAST.getOpaque(this), nowNanos));
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
            SHARE.setOpaque(this, FailureShare.lessOneFailure(share));
            LAST.setOpaque(this, nowNanos);
        }
    }

    /** How many times less to send: see {@link FailureTerm}. 1 if nothing speaks against it. */
    double penalty(PoolFigures figures, long nowNanos) {
        double share = share(nowNanos);
        return share == 0 ? 1 : FailureTerm.of(share, figures.calmness());
    }

    private double share(long nowNanos) {
        double then = (double) SHARE.getOpaque(this);
        return then == 0 ? 0 : FailureShare.left(then, (long) LAST.getOpaque(this), nowNanos);
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(FastFailures.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
