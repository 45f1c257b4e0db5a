package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Rarely used backend state (breaker, ejection, cooldown, slow start, sessions, drain, load reports), allocated on
 * first use to keep {@link BackendState} small: it would take most of a backend's memory, and there may be 100,000
 * backends. Until then a backend reads {@link #NONE}, which is never written.
 *
 * <p>Written under the registry's lock, except what the call path writes; what the call path reads is volatile.
 */
public final class RareBackendState {
    static final long NO_TRIAL_CALL = Long.MIN_VALUE;
    static final long NO_SESSION = Long.MIN_VALUE;

    private static final Outcome[] OUTCOMES = Outcome.values();
    private static final VarHandle TRIAL_CALL = VarHandles.field(MethodHandles.lookup(), "trialCallNanos", long.class);
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    /** Of a backend without rare state. Initialized after the other constants, which it needs. */
    public static final RareBackendState NONE = new RareBackendState();

    /** Calls by outcome, except successes. */
    private final long[] counts = new long[OUTCOMES.length];

    // Circuit breaker.

    /** Null while the breaker's window has no failure. Each trial has a breaker of its own. */
    public volatile @Nullable Breaker breaker;

    public volatile BreakerState breakerState = BreakerState.CLOSED;
    /** When the breaker's present state began. */
    public long breakerSinceNanos;

    public int breakerOpenings;

    // Circuit breaker and ejection.

    /** Whether the latest call that says something about reachability was never sent. */
    public volatile boolean refusing;
    /** Whether the backend was unreachable when its breaker opened or it was ejected, whichever came last. */
    public boolean unreachable;

    // Ejection.

    public volatile boolean ejected;
    public long ejectedUntilNanos;
    /** The number of ejections, which decreases with the time in service. */
    public int ejections;
    /** When the last ejection, or the trial after it, ended. */
    public long inServiceSinceNanos;
    /** Back from an ejection: one call at a time until one succeeds. */
    volatile boolean trial;

    public volatile long trialSinceNanos;
    /** When the present trial call began, or {@link #NO_TRIAL_CALL}. */
    volatile long trialCallNanos = NO_TRIAL_CALL;

    @Nullable
    TimeSource trialClock;

    // Cooldown.

    public volatile boolean resting;
    public volatile long restUntilNanos;

    // Load reports from polling.

    /** The poller of the present start. */
    public Scheduler.@Nullable Cancellable readings;
    /** In percent of the configured weight. */
    public int weightPercent = 100;
    /** Replaces the configured limit; 0 if the backend reports none. */
    public int reportedLimit;
    /** Null unless the backend reports that it is down. */
    public @Nullable String saysDownBecause;

    // Slow start.

    public boolean ramping;
    public long rampSinceNanos;
    public double rampFactor = 1;
    /** The share of requests that may choose it, under a strategy that ignores weights; 1 unless it ramps up. */
    volatile double admission = 1;

    // Drain and sessions.

    AdminState adminState = AdminState.ACTIVE;

    /** Draining or leaving: the thread that ends the last call notifies the registry. */
    public volatile boolean watched;
    /** Whether requests of sessions bound to it may start although it drains. */
    volatile boolean keepsSessions;
    /** When the latest call of a session began, or one was bound; {@link #NO_SESSION} before the first. */
    volatile long sessionNanos = NO_SESSION;
    /** Idle, and watched by a timer in case a session returns: a call that ends need not check it. */
    public volatile boolean awaitsSessions;
    /** Its drain has ended: no call may start until it is put back. */
    boolean sealed;

    public @Nullable PendingDrain departure;

    public Scheduler.@Nullable Cancellable sessionTimer;

    // Checks that are skipped after successful calls.

    /** A call has succeeded, and none has failed since. */
    volatile boolean proven;

    volatile long provenNanos;

    // Adaptive limit and subsets.

    /** Null without an adaptive limit. */
    public volatile @Nullable GradientLimit adaptiveLimit;
    /** Null before its subsets are known. */
    public @Nullable SubsetMembership subsets;
    /** Whether a subset uses it although the whole pool does not. */
    boolean inSubsetsOnly;

    @SuppressWarnings("EnumOrdinal") // An index into the counts, never stored.
    void count(Outcome outcome) {
        COUNT.getAndAdd(counts, outcome.ordinal(), 1L);
    }

    @SuppressWarnings("EnumOrdinal") // As above.
    long counted(Outcome outcome) {
        return (long) COUNT.getVolatile(counts, outcome.ordinal());
    }

    /** Notes another trial call, unless the one before is not the expected one. */
    boolean replaceTrialCall(long beforeNanos, long callNanos) {
        return TRIAL_CALL.compareAndSet(this, beforeNanos, callNanos);
    }
}
