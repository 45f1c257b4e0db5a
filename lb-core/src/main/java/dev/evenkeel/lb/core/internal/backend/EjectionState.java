package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The ejection of a backend, and the trial after it, in which the backend takes one call at a time until one succeeds.
 * Written by {@code OutlierEjector} only.
 */
public final class EjectionState {
    static final EjectionState NONE = new EjectionState();

    private static final long NO_TRIAL_CALL = Long.MIN_VALUE;
    private static final long MAX_TRIAL_NANOS = 10_000_000_000L;
    private static final VarHandle TRIAL_CALL_NANOS;

    static {
        try {
            TRIAL_CALL_NANOS = MethodHandles.lookup().findVarHandle(EjectionState.class, "trialCallNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean ejected;
    private long sinceNanos;
    private long untilNanos;
    private int count;
    private int total;
    private long inServiceSinceNanos;
    private boolean unreachable;
    private volatile boolean trial;
    private volatile long trialSinceNanos;
    /** When the present trial call began, or {@link #NO_TRIAL_CALL}. */
    private volatile long trialCallNanos = NO_TRIAL_CALL;

    private @Nullable TimeSource trialClock;

    public boolean isEjected() {
        return ejected;
    }

    /** When the last ejection began. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** When the last ejection ends. */
    public long untilNanos() {
        return untilNanos;
    }

    /** The number of ejections, which decreases with the time in service. */
    public int count() {
        return count;
    }

    /** The number of all ejections. */
    public int total() {
        return total;
    }

    /** When the last ejection, or the trial after it, ended. */
    public long inServiceSinceNanos() {
        return inServiceSinceNanos;
    }

    /** Whether the backend could not be reached when it was ejected. */
    boolean isUnreachable() {
        return unreachable;
    }

    /** Whether the backend takes one call at a time until one succeeds. */
    public boolean isTrial() {
        return trial;
    }

    public long trialSinceNanos() {
        return trialSinceNanos;
    }

    boolean isTrialFree() {
        TimeSource clock = trialClock;
        return clock == null || isTrialFree(trialCallNanos, clock.nanoTime());
    }

    /** A trial call that hangs or was lost must not exclude the backend for good. */
    private static boolean isTrialFree(long callNanos, long nowNanos) {
        return callNanos == NO_TRIAL_CALL || nowNanos - callNanos >= MAX_TRIAL_NANOS;
    }

    public void eject(int howOften, long nowNanos, long endNanos, boolean notReached) {
        count = howOften;
        total++;
        sinceNanos = nowNanos;
        untilNanos = endNanos;
        unreachable = notReached;
        ejected = true;
    }

    /** Goes on counting where the same backend ended. */
    void restore(int ejections) {
        total = ejections;
    }

    public void readmit() {
        ejected = false;
    }

    public void inServiceSince(long nowNanos) {
        inServiceSinceNanos = nowNanos;
    }

    public void forgetCount() {
        count = 0;
    }

    void beginTrial(TimeSource clock) {
        trialClock = clock;
        trialSinceNanos = clock.nanoTime();
        trialCallNanos = NO_TRIAL_CALL;
        trial = true;
    }

    void endTrial() {
        trial = false;
    }

    /** Makes a call that begins now the trial call. Returns false if another call is. */
    public boolean takeTrialCall(long nowNanos) {
        long before = trialCallNanos;
        return isTrialFree(before, nowNanos) && TRIAL_CALL_NANOS.compareAndSet(this, before, nowNanos);
    }

    /** Ends the trial call that has begun then. */
    public void releaseTrialCall(long startNanos) {
        TRIAL_CALL_NANOS.compareAndSet(this, startNanos, NO_TRIAL_CALL);
    }
}
