package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What most backends have nothing of: troubles, ramps, sessions, a departure, what they say of themselves. A backend gets its own
 * with the first of these; until then it reads those of {@link #NONE}, which nobody may write. They would be most of what a
 * backend weighs, and there may be 100,000.
 *
 * <p>Written under the registry's lock, but for what the call path writes; what it reads is volatile.
 */
public final class RareBackendState {
    static final long NO_TRIAL_CALL = Long.MIN_VALUE;
    static final long NO_SESSION = Long.MIN_VALUE;

    private static final Outcome[] OUTCOMES = Outcome.values();
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    /** Of a backend of which nothing is particular. After the others, which it needs. */
    public static final RareBackendState NONE = new RareBackendState();

    /** Calls that have ended otherwise than most. */
    private final long[] counts = new long[OUTCOMES.length];

    // Breakers.

    /** Null while the window of the breaker has no failure in it. Each trial has a breaker of its own. */
    public volatile @Nullable Breaker breaker;

    public volatile BreakerState breakerState = BreakerState.CLOSED;
    /** Of the breaker's present state. */
    public long breakerSinceNanos;

    public int breakerOpenings;

    // Of breakers and ejections.

    /** The latest call that says something was never sent. */
    public volatile boolean refusing;
    /** It was so when its breaker opened or it was ejected, whichever came last. */
    public boolean unreachable;

    // Ejections.

    public volatile boolean ejected;
    public long ejectedUntilNanos;
    /** How many there have been; fewer after some time in service. */
    public int ejections;
    /** Since the last ejection ended, or its trial. */
    public long inServiceSinceNanos;
    /** Back from an ejection: one call at a time until one succeeds. */
    volatile boolean trial;

    public volatile long trialSinceNanos;
    /** When the present trial call began, or {@link #NO_TRIAL_CALL}. */
    volatile long trialCallNanos = NO_TRIAL_CALL;

    @Nullable
    TimeSource trialClock;

    // Rests.

    public volatile boolean resting;
    public volatile long restUntilNanos;

    // Readings: what it says of itself when it is asked.

    /** Of the present start of the readings. */
    public Scheduler.@Nullable Cancellable readings;
    /** Of the configured weight. */
    public int weightPercent = 100;
    /** Instead of the configured limit; 0 if it has not said. */
    public int reportedLimit;
    /** Null if it does not say that it is down. */
    public @Nullable
    String saysDownBecause;

    // Ramps.

    public boolean ramping;
    public long rampSinceNanos;
    public double rampFactor = 1;
    /** The part of the requests that may choose it, under a strategy that is blind to weights; 1 unless it ramps up. */
    volatile double admission = 1;

    // Departures and sessions.

    AdminState adminState = AdminState.ACTIVE;

    /** Draining or leaving: whoever ends the last call tells the registry. */
    public volatile boolean watched;
    /** Those whose session is bound here may come although it drains. */
    volatile boolean keepsSessions;
    /** When the latest call of a session began, or one was bound; {@link #NO_SESSION} before the first. */
    volatile long sessionNanos = NO_SESSION;
    /** Idle, and watched by a timer in case that a session comes back: those who end calls need not look. */
    public volatile boolean awaitsSessions;
    /** Its drain has ended: nobody may come any more, until it is put back. */
    boolean sealed;

    public @Nullable
    PendingDrain departure;

    public Scheduler.@Nullable Cancellable sessionTimer;

    // Checks that skip what is proven.

    /** A call has succeeded, and none has failed since. */
    volatile boolean proven;

    volatile long provenNanos;

    // Limits and subsets.

    /** Null without a limit that goes by latency. */
    public volatile @Nullable GradientLimit adaptiveLimit;
    /** Null before it has been looked at. */
    public @Nullable SubsetMembership subsets;
    /** The whole pool does not use it, but a subset does. */
    boolean inSubsetsOnly;

    @SuppressWarnings("EnumOrdinal") // an index into the counts, never stored
    void count(Outcome outcome) {
        COUNT.getAndAdd(counts, outcome.ordinal(), 1L);
    }

    @SuppressWarnings("EnumOrdinal") // as above
    long counted(Outcome outcome) {
        return (long) COUNT.getVolatile(counts, outcome.ordinal());
    }
}
