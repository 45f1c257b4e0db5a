package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.limit.AdmissionController;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A lease of a pool that counts its calls: it may have a place under the pool's limit, and gives it back once. */
public final class PermitLease extends PoolLease {
    private static final VarHandle PLACED;

    static {
        try {
            PLACED = MethodHandles.lookup().findVarHandle(PermitLease.class, "placed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AdmissionController admission;

    @SuppressWarnings("unused") // through PLACED
    private volatile boolean placed;

    PermitLease(Pool pool, AdmissionController admission, RequestContext context, long startNanos) {
        super(pool, context, startNanos);
        this.admission = admission;
    }

    public boolean isOf(AdmissionController asked) {
        return admission == asked;
    }

    public void place() {
        placed = true;
    }

    /** Hands the place on. False if it has none. */
    public boolean cedePlace() {
        return PLACED.compareAndSet(this, true, false);
    }

    /** Takes back what it has handed on. If it has ended meanwhile, the place is free. */
    public void takePlaceBack() {
        placed = true;
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
        if (cedePlace()) {
            admission.leave();
        } else {
            // It has handed its place on, but what it held of its backend is free now.
            admission.wake();
        }
    }
}
