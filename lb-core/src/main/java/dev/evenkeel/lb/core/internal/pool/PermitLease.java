package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.limit.AdmissionController;
import dev.evenkeel.lb.core.internal.limit.Permit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Lease of a pool with a concurrency limit. It may hold one permit of the pool, which it releases once. */
public final class PermitLease extends PoolLease implements Permit {
    private static final VarHandle HELD = VarHandles.field(MethodHandles.lookup(), "held", boolean.class);

    private final AdmissionController admission;

    @SuppressWarnings("unused") // through HELD
    private volatile boolean held;

    PermitLease(Pool pool, AdmissionController admission, RequestContext context, long startNanos) {
        super(pool, context, startNanos);
        this.admission = admission;
    }

    @Override
    public boolean isOf(AdmissionController asked) {
        return admission == asked;
    }

    @Override
    public void hold() {
        held = true;
    }

    /** Hands the permit over to the next attempt. Returns false if this lease has none. */
    @Override
    public boolean cede() {
        return HELD.compareAndSet(this, true, false);
    }

    /** Takes back the permit that it has handed over. If the lease has completed meanwhile, the permit is released. */
    @Override
    public void takeBack() {
        held = true;
        if (isCompleted()) {
            leave();
        }
    }

    @Override
    public boolean complete(Outcome outcome, long nowNanos) {
        // An exception on the way ends the attempt, too.
        boolean ended = true;
        try {
            ended = super.complete(outcome, nowNanos);
        } finally {
            if (ended) {
                leave();
            }
        }
        return ended;
    }

    private void leave() {
        if (cede()) {
            admission.leave();
        } else {
            // The permit was handed over, but the backend has room again.
            admission.wake();
        }
    }
}
