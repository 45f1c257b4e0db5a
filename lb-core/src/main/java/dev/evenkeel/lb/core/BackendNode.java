package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.stats.BackendStats;
import dev.evenkeel.lb.core.stats.FailureMemory;
import dev.evenkeel.lb.core.stats.GradientLimit;
import dev.evenkeel.lb.core.stats.PoolStats;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one backend id, for as long as it is in the pool.
 *
 * <p>The call path writes the counters and the figures; the registry, under its lock, writes the rest. What the call path
 * reads of the latter is volatile. What most backends have nothing of is in {@link Particulars}, so that one that is well weighs
 * 152 bytes.
 */
final class BackendNode extends BackendStats implements Candidate {
    private static final VarHandle SUCCESSES = handle("successes", long.class);
    private static final VarHandle PARTICULARS = handle("particulars", Particulars.class);
    private static final VarHandle TRIAL_CALL = handle(Particulars.class, "trialCallNanos", long.class);
    private static final Standing[] STANDINGS = Standing.values();
    private static final long LONGEST_TRIAL_NANOS = 10_000_000_000L;

    /** Calls that have succeeded; the others are counted among the particulars. */
    @SuppressWarnings("UnusedVariable") // through its handle
    private long successes;
    /** The first strategy's or detector's, for good. */
    private volatile @Nullable Object firstState;
    /** The second one's, or all the others' as {@link States}; null if there are none. */
    private volatile @Nullable Object otherStates;

    private volatile Particulars particulars = Particulars.NONE;

    private volatile @Nullable Ineligibility closedBecause = Ineligibility.DOWN;

    volatile Backend backend;
    volatile double weight;
    /** Where it competes, or did last. */
    private volatile @Nullable Seat seat;
    /** Most calls in flight, the ramp of slow start included. */
    private volatile int limit;

    // Guarded by the registry's lock.
    Finding finding = Finding.UNKNOWN;

    boolean removed;

    /** Is about to be removed, once those that come with the same change are in force. */
    boolean outgoing;
    /** It is in the whole list that is being looked at. */
    boolean listed;

    /** Its place in the order of joining. */
    long number;
    /** It is noted as one that the next snapshot has to look at. */
    boolean touched;

    /** As of the last snapshot. */
    Standing standing = Standing.WITHDRAWN;
    /** As what its tier has counted it; null if it does not belong to any. */
    @Nullable
    Backend counted;

    private byte countedAs;
    boolean countedAwaited;
    /** Why the last snapshot sends it nothing although it could be used. */
    @Nullable
    Ineligibility idleBecause;
    /** Whether it was good and not on trial, as of the last snapshot. */
    boolean settled;
    /** New, or out for a reason that makes it cold: it ramps up when it settles. */
    boolean cold = true;

    BackendNode(Backend backend, PoolStats poolStats) {
        super(poolStats);
        this.backend = backend;
        this.weight = backend.weight();
        this.limit = backend.maxInFlight();
        updateCeiling();
    }

    /** For reading alone: they may be nobody's. */
    Particulars particulars() {
        return particulars;
    }

    /** Its own, for writing. */
    Particulars ownParticulars() {
        Particulars present = particulars;
        if (present != Particulars.NONE) {
            return present;
        }
        Particulars own = new Particulars();
        return PARTICULARS.compareAndSet(this, Particulars.NONE, own) ? own : particulars;
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
        return most == UNLIMITED || (inFlight() < most && (!isTrial() || isTrialFree()));
    }

    /**
     * Whether a call that finds nothing better may choose it: then neither a trial nor slow start holds it back, only its own
     * limit.
     */
    boolean isAvailableAsLast() {
        int most = lastCeiling();
        return most == UNLIMITED || inFlight() < most;
    }

    private int lastCeiling() {
        return closedBecause == null ? mostInFlight() : 0;
    }

    /**
     * Whether a call that has just started is one too many. It goes by who was there before it: of two that race for the last
     * place, the later one has to go, and never both.
     *
     * @param asLast whether the call goes by {@link #isAvailableAsLast}
     */
    boolean isOverCeiling(int waitingBefore, boolean asLast) {
        int most = asLast ? lastCeiling() : ceiling();
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

    /** The whole pool does not use it, but a subset does. */
    boolean inSubsetsOnly() {
        return particulars.inSubsetsOnly;
    }

    void inSubsetsOnly(boolean only) {
        if (particulars.inSubsetsOnly != only) {
            ownParticulars().inSubsetsOnly = only;
        }
    }

    int limit() {
        return limit;
    }

    AdminState adminState() {
        return particulars.adminState;
    }

    void adminState(AdminState state) {
        if (state != particulars.adminState) {
            ownParticulars().adminState = state;
        }
    }

    @SuppressWarnings("EnumOrdinal") // in memory alone, where it is a quarter of a reference
    void countedAs(Standing as) {
        countedAs = (byte) as.ordinal();
    }

    Standing countedAs() {
        return STANDINGS[countedAs];
    }

    /** To be called before {@link #close}, so that no session meets a moment in between. */
    void updateSessions() {
        Particulars own = particulars;
        // Whoever drains, or says that it wants to, has some.
        if (own != Particulars.NONE) {
            own.keepsSessions = !own.sealed
                    && own.adminState != AdminState.MAINTENANCE
                    && effectiveHealth() != HealthState.DOWN
                    && own.breakerState != BreakerState.OPEN
                    && !own.ejected
                    && !own.resting;
        }
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
        Particulars own = ownParticulars();
        own.sealed = true;
        own.keepsSessions = false;
    }

    /** It is put back. */
    void unseal() {
        if (particulars.sealed) {
            ownParticulars().sealed = false;
        }
    }

    boolean keepsSessions() {
        return particulars.keepsSessions;
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
        return reason == null ? ceiling() : reason == Ineligibility.DRAINING && keepsSessions() ? limit : 0;
    }

    void sessionSeen(long nowNanos) {
        ownParticulars().sessionNanos = nowNanos;
    }

    /** How much longer a session that was here may be expected back; 0 or less if none is. */
    long sessionsExpectedNanos(long idleNanos, long nowNanos) {
        long seen = particulars.sessionNanos;
        return seen == Particulars.NO_SESSION ? 0 : seen + idleNanos - nowNanos;
    }

    double admission() {
        return particulars.admission;
    }

    void ramp(int mostInFlight, double partOfRequests) {
        limit = mostInFlight;
        if (particulars.admission != partOfRequests) {
            ownParticulars().admission = partOfRequests;
        }
        updateCeiling();
    }

    void beginRamp(long nowNanos) {
        Particulars own = ownParticulars();
        own.ramping = true;
        own.rampSinceNanos = nowNanos;
    }

    void endRamp() {
        if (particulars.ramping) {
            Particulars own = ownParticulars();
            own.ramping = false;
            own.rampFactor = 1;
        }
    }

    private void updateCeiling() {
        int most = closedBecause == null ? limit : 0;
        // Just below: no limit that could ever be felt, but not open to all.
        ceiling(most == UNLIMITED && (isTrial() || admission() < 1) ? UNLIMITED - 1 : most);
    }

    /** Most calls in flight, as it says itself or else as configured, or fewer as its latency says. */
    int mostInFlight() {
        Particulars known = particulars;
        int most = known.reportedLimit > 0 ? known.reportedLimit : backend.maxInFlight();
        GradientLimit adaptive = known.adaptiveLimit;
        return adaptive == null ? most : Math.min(most, adaptive.current());
    }

    /** It is down only because its first check has not ended. */
    @SuppressWarnings("ReferenceEquality") // a check may find the same
    boolean awaitsFirstCheck() {
        return finding == Finding.AWAITED;
    }

    void adaptiveLimit(@Nullable GradientLimit goesByLatency) {
        if (goesByLatency != null || particulars.adaptiveLimit != null) {
            ownParticulars().adaptiveLimit = goesByLatency;
        }
    }

    /** Down if the checks find it so, or if it says so itself. */
    HealthState effectiveHealth() {
        return particulars.saysDownBecause != null ? HealthState.DOWN : finding.state();
    }

    String effectiveHealthCause() {
        String own = particulars.saysDownBecause;
        return own != null && finding.state() != HealthState.DOWN ? own : finding.cause();
    }

    /** It lets few calls pass, to find out whether it works again. */
    boolean isOnTrial() {
        Particulars known = particulars;
        return known.trial || known.breakerState == BreakerState.HALF_OPEN;
    }

    @Override
    public <T> T state(Class<T> key, Supplier<? extends T> initial) {
        // Asked of each of 10,000 for each picker, where a map would be one object more to fetch.
        Object state = firstState;
        if (state == null || state.getClass() != key) {
            state = otherState(key);
        }
        return key.cast(state != null ? state : addState(key, initial.get()));
    }

    @Override
    public void forgetFailures() {
        super.forgetFailures();
        failureMemories().forEach(FailureMemory::forgetFailures);
    }

    @Override
    public void takeFailureBack(long nowNanos) {
        super.takeFailureBack(nowNanos);
        failureMemories().forEach(memory -> memory.takeFailureBack(nowNanos));
    }

    /** Those of strategies and detectors. */
    private Stream<FailureMemory> failureMemories() {
        Object others = otherStates;
        Stream<?> further = others instanceof States many ? many.byKey.values().stream() : Stream.ofNullable(others);
        return Stream.concat(Stream.ofNullable(firstState), further)
                .filter(FailureMemory.class::isInstance)
                .map(FailureMemory.class::cast);
    }

    private @Nullable Object otherState(Class<?> key) {
        Object others = otherStates;
        if (others instanceof States many) {
            return many.byKey.get(key);
        }
        return others != null && others.getClass() == key ? others : null;
    }

    private synchronized Object addState(Class<?> key, Object initial) {
        Object first = firstState;
        Object existing = first != null && first.getClass() == key ? first : otherState(key);
        if (existing != null) {
            return existing;
        }
        Object others = otherStates;
        if (first == null && initial.getClass() == key) {
            firstState = initial;
        } else if (others == null && initial.getClass() == key) {
            otherStates = initial;
        } else {
            otherStates = States.of(others).and(key, initial);
        }
        return initial;
    }

    /** What a few backends have: states of more than two, or under another class than their own. */
    private record States(Map<Class<?>, Object> byKey) {

        static States of(@Nullable Object others) {
            if (others instanceof States states) {
                return states;
            }
            return new States(others == null ? Map.of() : Map.of(others.getClass(), others));
        }

        States and(Class<?> key, Object state) {
            Map<Class<?>, Object> copy = new HashMap<>(byKey);
            copy.put(key, state);
            return new States(Map.copyOf(copy));
        }
    }

    void count(Outcome outcome) {
        if (outcome == Outcome.SUCCESS) {
            SUCCESSES.getAndAdd(this, 1L);
        } else {
            ownParticulars().count(outcome);
        }
    }

    long counted(Outcome outcome) {
        return outcome == Outcome.SUCCESS ? (long) SUCCESSES.getVolatile(this) : particulars.counted(outcome);
    }

    /** Notes whether it can be reached, if the outcome says so. */
    void reached(Outcome outcome) {
        boolean refused = outcome == Outcome.NEVER_SENT;
        if (!outcome.isNeutral() && particulars.refusing != refused) {
            ownParticulars().refusing = refused;
        }
    }

    void proves(Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            Particulars own = ownParticulars();
            own.provenNanos = nowNanos;
            own.proven = true;
        } else if (outcome.isFailure()) {
            ownParticulars().proven = false;
        }
    }

    boolean isProvenSince(long nanos) {
        Particulars known = particulars;
        return known.proven && known.provenNanos - nanos >= 0;
    }

    void beginTrial(TimeSource clock) {
        Particulars own = ownParticulars();
        own.trialClock = clock;
        own.trialSinceNanos = clock.nanoTime();
        own.trialCallNanos = Particulars.NO_TRIAL_CALL;
        own.trial = true;
        updateCeiling();
    }

    void endTrial() {
        if (isTrial()) {
            ownParticulars().trial = false;
            updateCeiling();
        }
    }

    /** One call at a time until one succeeds. */
    boolean isTrial() {
        return particulars.trial;
    }

    /** Whether a call that begins now may be the trial call; it owes a {@link #releaseTrial}. */
    boolean claimTrial(long nowNanos) {
        Particulars own = ownParticulars();
        long before = own.trialCallNanos;
        return isTrialFree(before, nowNanos) && TRIAL_CALL.compareAndSet(own, before, nowNanos);
    }

    void releaseTrial(long startNanos) {
        TRIAL_CALL.compareAndSet(ownParticulars(), startNanos, Particulars.NO_TRIAL_CALL);
    }

    private boolean isTrialFree() {
        Particulars known = particulars;
        TimeSource clock = known.trialClock;
        return clock == null || isTrialFree(known.trialCallNanos, clock.nanoTime());
    }

    /** A trial call that hangs, or was lost, must not keep the backend out for good. */
    private static boolean isTrialFree(long callNanos, long nowNanos) {
        return callNanos == Particulars.NO_TRIAL_CALL || nowNanos - callNanos >= LONGEST_TRIAL_NANOS;
    }

    private static VarHandle handle(String name, Class<?> type) {
        return handle(BackendNode.class, name, type);
    }

    private static VarHandle handle(Class<?> owner, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @Override
    public String toString() {
        return backend.id();
    }
}
