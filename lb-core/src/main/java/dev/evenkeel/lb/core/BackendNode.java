package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.DrainReport;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.health.Breaker;
import dev.evenkeel.lb.core.health.HealthChecker;
import dev.evenkeel.lb.core.health.SubsetPolicy;
import dev.evenkeel.lb.core.stats.BackendStats;
import dev.evenkeel.lb.core.stats.GradientLimit;
import dev.evenkeel.lb.core.stats.PoolStats;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.Scheduler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one backend id, for as long as it is in the pool.
 *
 * <p>The call path writes the counters and the figures; the registry, under its lock, writes the rest. What the call path
 * reads of the latter is volatile.
 */
final class BackendNode extends BackendStats implements Candidate {
    private static final Outcome[] OUTCOMES = Outcome.values();
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final AtomicLongFieldUpdater<BackendNode> TRIAL_CALL =
            AtomicLongFieldUpdater.newUpdater(BackendNode.class, "trialCallNanos");
    private static final long NO_TRIAL_CALL = Long.MIN_VALUE;
    private static final long NO_SESSION = Long.MIN_VALUE;
    private static final long LONGEST_TRIAL_NANOS = 10_000_000_000L;

    /** Whose backend it is: a strategy must not hand us another pool's. */
    final Registry owner;

    private final long[] counts = new long[OUTCOMES.length];
    /** The first strategy's, for good: written before the key is. */
    private @Nullable Object firstState;

    private volatile @Nullable Class<?> firstKey;
    /** The other strategies'. */
    private volatile Map<Class<?>, Object> states = Map.of();

    private volatile @Nullable Ineligibility closedBecause = Ineligibility.DOWN;
    /** Draining or leaving: whoever ends the last call tells the registry. */
    volatile boolean watched;

    /** Those whose session is bound here may come although it drains. */
    private volatile boolean keepsSessions;
    /** When the latest call of a session began, or one was bound; {@link #NO_SESSION} before the first. */
    private volatile long sessionNanos = NO_SESSION;
    /** Idle, and watched by a timer in case that a session comes back: those who end calls need not look. */
    volatile boolean awaitsSessions;

    volatile boolean ejected;
    /** Back from an ejection: one call at a time until one succeeds. */
    private volatile boolean trial;

    volatile long trialSinceNanos;
    /** When the present trial call began, or {@link #NO_TRIAL_CALL}. */
    private volatile long trialCallNanos = NO_TRIAL_CALL;

    volatile boolean resting;
    volatile long restUntilNanos;

    volatile Backend backend;
    volatile double weight;
    /** Where it competes, or did last. */
    private volatile @Nullable Seat seat;
    /** Most calls in flight, the ramp of slow start included. */
    private volatile int limit;
    /** The part of the requests that may choose it, under a strategy that is blind to weights; 1 unless it ramps up. */
    private volatile double admission = 1;
    /** Null while the window of the breaker has no failure in it. Each trial has a breaker of its own. */
    volatile @Nullable Breaker breaker;

    volatile BreakerState breakerState = BreakerState.CLOSED;

    /** When a call has last succeeded, if none has failed since; kept only for checks that skip what is proven. */
    private volatile long provenNanos;

    private volatile boolean proven;

    // Guarded by the registry's lock.
    AdminState adminState = AdminState.ACTIVE;
    HealthState health = HealthState.UNKNOWN;
    String healthCause = "";
    /** It is down only because its first check has not ended. */
    boolean awaitsFirstCheck;
    /** The present start of the checks; what an earlier one still reports does not count. */
    HealthChecker.@Nullable Subject checked;

    Scheduler.@Nullable Cancellable checks;
    /** The present start of the readings, likewise. */
    Readings.@Nullable Asked asked;

    Scheduler.@Nullable Cancellable readings;
    /** What it says of itself when it is asked; of the configured weight. */
    int weightPercent = 100;
    /** Instead of the configured limit; 0 if it has not said. */
    int reportedLimit;
    /** Null if it does not say that it is down. */
    @Nullable
    String saysDownBecause;

    boolean removed;

    /** Is about to be removed, once those that come with the same change are in force. */
    boolean outgoing;
    /** Which whole list it was in last. */
    long comparison;

    /** Its drain has ended: nobody may come any more, until it is put back. */
    boolean sealed;

    long ejectedUntilNanos;
    /** How many there have been; fewer after some time in service. */
    int ejections;
    /** Since the last ejection ended, or its trial. */
    long inServiceSinceNanos;

    int breakerOpenings;
    boolean unreachable;

    /** What {@link Subsets} found it to belong to, and by what. */
    @Nullable
    Map<String, String> subsetsOf;

    @Nullable
    Map<Set<String>, SubsetPolicy.Fallback> subsetsBy;

    List<Subset> subsets = List.of();
    /** Why the whole pool does not use it; null if it does. */
    @Nullable
    Ineligibility unusedBecause;
    /** The whole pool does not use it, but a subset does. */
    boolean inSubsetsOnly;

    /** Its place in the order of joining. */
    long number;
    /** It is noted as one that the next snapshot has to look at. */
    boolean touched;

    /** As of the last snapshot. */
    Standing standing = Standing.WITHDRAWN;
    /** As what its tier has counted it; null if it does not belong to any. */
    @Nullable
    Backend counted;

    Standing countedAs = Standing.WITHDRAWN;
    boolean countedAwaited;
    /** Why the last snapshot sends it nothing although it could be used. */
    @Nullable
    Ineligibility idleBecause;
    /** Whether it was good and not on trial, as of the last snapshot. */
    boolean settled;
    /** New, or out for a reason that makes it cold: it ramps up when it settles. */
    boolean cold = true;

    boolean ramping;
    long rampSinceNanos;
    double rampFactor = 1;

    @Nullable
    Departure departure;

    Scheduler.@Nullable Cancellable sessionTimer;

    /** Null without a limit that goes by latency. */
    volatile @Nullable GradientLimit adaptiveLimit;

    BackendNode(Registry owner, Backend backend, PoolStats poolStats, @Nullable GradientLimit adaptiveLimit) {
        super(poolStats);
        this.owner = owner;
        this.adaptiveLimit = adaptiveLimit;
        this.backend = backend;
        this.weight = backend.weight();
        this.limit = backend.maxInFlight();
        updateCeiling();
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public boolean isAvailable() {
        int most = ceiling();
        return most == UNLIMITED || (inFlight() < most && (!trial || isTrialFree(trialCallNanos, owner.nanoTime())));
    }

    /**
     * Whether a call that has just started is one too many. It goes by who was there before it: of two that race for the last
     * place, the later one has to go, and never both.
     */
    boolean isOverCeiling(int waitingBefore) {
        int most = ceiling();
        return most != UNLIMITED && waitingBefore + streams() >= most;
    }

    /** Whether every request may choose it, without further questions. */
    boolean isOpenToAll() {
        return ceiling() == UNLIMITED;
    }

    /** Not null as soon as nothing new may be sent, whatever snapshot a caller still reads. */
    @Nullable
    Ineligibility closedBecause() {
        return closedBecause;
    }

    void close(@Nullable Ineligibility reason) {
        closedBecause = reason;
        updateCeiling();
    }

    int limit() {
        return limit;
    }

    /** To be called before {@link #close}, so that no session meets a moment in between. */
    void updateSessions() {
        keepsSessions = !sealed
                && adminState != AdminState.MAINTENANCE
                && effectiveHealth() != HealthState.DOWN
                && breakerState != BreakerState.OPEN
                && !ejected
                && !resting;
    }

    /** The picker of the group it is in, or was in last. */
    @Nullable
    Picker picker() {
        Seat place = seat;
        return place == null ? null : place.picker;
    }

    void sit(Seat place) {
        if (seat != place) {
            seat = place;
        }
    }

    /** The picker knows all the others. */
    void forgetPicker() {
        seat = null;
    }

    /** Ends the time of the sessions. Whoever is not counted in flight now will not be. */
    void seal() {
        sealed = true;
        keepsSessions = false;
    }

    boolean keepsSessions() {
        return keepsSessions;
    }

    /** Whether one whose session is bound here may come. */
    boolean takesSessions() {
        return inFlight() < sessionCeiling();
    }

    /** As {@link #isOverCeiling}, for a call whose session is bound here. */
    boolean isOverSessionCeiling(int waitingBefore) {
        int most = sessionCeiling();
        return most != UNLIMITED && waitingBefore + streams() >= most;
    }

    private int sessionCeiling() {
        Ineligibility reason = closedBecause;
        return reason == null ? ceiling() : reason == Ineligibility.DRAINING && keepsSessions ? limit : 0;
    }

    void sessionSeen(long nowNanos) {
        sessionNanos = nowNanos;
    }

    /** How much longer a session that was here may be expected back; 0 or less if none is. */
    long sessionsExpectedNanos(long idleNanos, long nowNanos) {
        long seen = sessionNanos;
        return seen == NO_SESSION ? 0 : seen + idleNanos - nowNanos;
    }

    double admission() {
        return admission;
    }

    void ramp(int mostInFlight, double partOfRequests) {
        limit = mostInFlight;
        admission = partOfRequests;
        updateCeiling();
    }

    private void updateCeiling() {
        int most = closedBecause == null ? limit : 0;
        // Just below: no limit that could ever be felt, but not open to all.
        ceiling(most == UNLIMITED && (trial || admission < 1) ? UNLIMITED - 1 : most);
    }

    /** Most calls in flight, as it says itself or else as configured, or fewer as its latency says. */
    int mostInFlight() {
        int most = reportedLimit > 0 ? reportedLimit : backend.maxInFlight();
        GradientLimit adaptive = adaptiveLimit;
        return adaptive == null ? most : Math.min(most, adaptive.current());
    }

    /** Down if the checks find it so, or if it says so itself. */
    HealthState effectiveHealth() {
        return saysDownBecause != null ? HealthState.DOWN : health;
    }

    String effectiveHealthCause() {
        String own = saysDownBecause;
        return own != null && health != HealthState.DOWN ? own : healthCause;
    }

    /** It lets few calls pass, to find out whether it works again. */
    boolean isOnTrial() {
        return trial || breakerState == BreakerState.HALF_OPEN;
    }

    @Override
    public <T> T state(Class<T> key, Supplier<? extends T> initial) {
        // Asked of each of 10,000 for each picker, where a map would be one object more to fetch.
        Object state = firstKey == key ? firstState : states.get(key);
        return key.cast(state != null ? state : addState(key, initial.get()));
    }

    private synchronized Object addState(Class<?> key, Object initial) {
        if (firstKey == null) {
            firstState = initial;
            firstKey = key;
            return initial;
        }
        Object existing = firstKey == key ? firstState : states.get(key);
        if (existing != null) {
            return existing;
        }
        Map<Class<?>, Object> copy = new ConcurrentHashMap<>(states);
        copy.put(key, initial);
        states = Map.copyOf(copy);
        return initial;
    }

    @SuppressWarnings("EnumOrdinal") // an index into the counts, never stored
    void count(Outcome outcome) {
        COUNT.getAndAdd(counts, outcome.ordinal(), 1L);
    }

    @SuppressWarnings("EnumOrdinal") // as above
    long counted(Outcome outcome) {
        return (long) COUNT.getVolatile(counts, outcome.ordinal());
    }

    void proves(Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            provenNanos = nowNanos;
            proven = true;
        } else if (outcome.isFailure()) {
            proven = false;
        }
    }

    boolean isProvenSince(long nanos) {
        return proven && provenNanos - nanos >= 0;
    }

    void beginTrial(long nowNanos) {
        trialSinceNanos = nowNanos;
        trialCallNanos = NO_TRIAL_CALL;
        trial = true;
        updateCeiling();
    }

    void endTrial() {
        trial = false;
        updateCeiling();
    }

    /** One call at a time until one succeeds. */
    boolean isTrial() {
        return trial;
    }

    /** Whether a call that begins now may be the trial call; it owes a {@link #releaseTrial}. */
    boolean claimTrial(long nowNanos) {
        long before = trialCallNanos;
        return isTrialFree(before, nowNanos) && TRIAL_CALL.compareAndSet(this, before, nowNanos);
    }

    void releaseTrial(long startNanos) {
        TRIAL_CALL.compareAndSet(this, startNanos, NO_TRIAL_CALL);
    }

    /** A trial call that hangs, or was lost, must not keep the backend out for good. */
    private static boolean isTrialFree(long callNanos, long nowNanos) {
        return callNanos == NO_TRIAL_CALL || nowNanos - callNanos >= LONGEST_TRIAL_NANOS;
    }

    /** What {@code drain} or {@code remove} has promised. */
    record Departure(CompletableFuture<DrainReport> done, long sinceNanos, Scheduler.Cancellable deadline) {}

    @Override
    public String toString() {
        return backend.id();
    }
}
