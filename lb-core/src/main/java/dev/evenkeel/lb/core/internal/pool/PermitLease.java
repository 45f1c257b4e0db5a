package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.limit.AdmissionController;
import dev.evenkeel.lb.core.internal.limit.Permit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A lease of a pool that counts its calls: it may have a place under the pool's limit, and gives it back once. */
public final class PermitLease extends PoolLease implements Permit {
    private static final VarHandle HELD;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(PermitLease.class, "held", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

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

    /** Hands the permit on. False if it has none. */
    @Override
    public boolean cede() {
        return HELD.compareAndSet(this, true, false);
    }

    /** Takes back what it has handed on. If it has ended meanwhile, the permit is free. */
    @Override
    public void takeBack() {
        held = true;
        if (isCompleted()) {
            leave();
        }
    }

    @Override
    public boolean complete(Outcome outcome) {
        // What throws on its way has ended, too.
        boolean ended = true;
        try {
            ended = super.complete(outcome);
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
            // It has handed its permit on, but what it held of its backend is free now.
            admission.wake();
        }
    }
}
