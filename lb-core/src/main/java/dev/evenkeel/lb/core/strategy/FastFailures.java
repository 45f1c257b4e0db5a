package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.Outcome;
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
class FastFailures {

    private static final VarHandle SHARE = field("share", double.class);
    private static final VarHandle LAST = field("last", long.class);
    /** Below it the share is taken for 0, so that a healthy backend costs no arithmetic. */
    private static final double NEGLIGIBLE = 0.001;

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
        double next = FailureShare.next(before, failed, (long) LAST.getOpaque(this), nowNanos);
        SHARE.setOpaque(this, next < NEGLIGIBLE ? 0 : next);
        LAST.setOpaque(this, nowNanos);
    }

    /** How many times less to send: see {@link FailureTerm}. */
    double penalty(PoolFigures figures, long nowNanos) {
        double then = (double) SHARE.getOpaque(this);
        if (then == 0) {
            return 1;
        }
        double left = FailureShare.left(then, (long) LAST.getOpaque(this), nowNanos);
        return FailureTerm.of(left, figures.calmness());
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(FastFailures.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
