package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.BackendStats;
import dev.evenkeel.lb.core.internal.stats.FailureMemory;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
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
 * State of one backend id for as long as it is in the pool.
 *
 * <p>The call path writes the counters and statistics; the registry, under its lock, writes everything else. What the
 * call path reads of the latter is volatile. Rarely used state is in {@link RareBackendState}, so that a healthy
 * backend takes 152 bytes.
 */
public final class BackendState extends BackendStats implements Candidate {
    private static final VarHandle SUCCESSES = VarHandles.field(MethodHandles.lookup(), "successes", long.class);
    private static final VarHandle PARTICULARS =
            VarHandles.field(MethodHandles.lookup(), "particulars", RareBackendState.class);
    private static final VarHandle FIRST_STATE = VarHandles.field(MethodHandles.lookup(), "firstState", Object.class);
    private static final VarHandle OTHER_STATES = VarHandles.field(MethodHandles.lookup(), "otherStates", Object.class);
    private static final BackendCondition[] STANDINGS = BackendCondition.values();
    private static final long MAX_TRIAL_NANOS = 10_000_000_000L;

    /** Successful calls; other outcomes are counted in {@link RareBackendState}. */
    @SuppressWarnings("UnusedVariable") // through its handle
    private long successes;
    /** The state of the first strategy or detector; never replaced. */
    private volatile @Nullable Object firstState;
    /** The state of the second one, or of all further ones as {@link States}; null if there are none. */
    private volatile @Nullable Object otherStates;

    private volatile RareBackendState particulars = RareBackendState.NONE;

    private volatile @Nullable Ineligibility closedBecause = Ineligibility.DOWN;

    public volatile Backend backend;
    public volatile double weight;
    /** The group in which it competes, or competed last. */
    private volatile @Nullable PickerRef seat;
    /** The maximum of calls in flight, reduced by slow start. */
    private volatile int limit;

    // Guarded by the registry's lock.
    public CheckedHealth finding = CheckedHealth.UNKNOWN;

    public boolean removed;

    /** To be removed once the backends that join with the same change are in the published snapshot. */
    public boolean outgoing;
    /** Whether it is in the complete list that is being compared. */
    public boolean listed;

    /** Its number in the order of joining. */
    public long number;
    /** Whether it is recorded for the next snapshot. */
    public boolean touched;

    /** Its condition in the last snapshot. */
    public BackendCondition standing = BackendCondition.WITHDRAWN;
    /** The backend as its tier has counted it; null if no tier has. */
    public @Nullable Backend counted;

    private byte countedAs;
    public boolean countedAwaited;
    /** The reason why the last snapshot sends it no calls although it could be used. */
    public @Nullable Ineligibility idleBecause;
    /** Whether it was good and not on trial in the last snapshot. */
    public boolean settled;
    /** New, or out for a reason that makes it cold: it goes through slow start when it settles. */
    public boolean cold = true;

    public BackendState(Backend backend, PoolStats poolStats) {
        super(poolStats);
        this.backend = backend;
        this.weight = backend.weight();
        this.limit = backend.maxInFlight();
        updateCeiling();
    }

    /** For reading only: the object may be shared. */
    public RareBackendState particulars() {
        return particulars;
    }

    /** For writing: the backend's own object, allocated on first use. */
    public RareBackendState ownParticulars() {
        RareBackendState present = particulars;
        if (present != RareBackendState.NONE) {
            return present;
        }
        RareBackendState own = new RareBackendState();
        return PARTICULARS.compareAndSet(this, RareBackendState.NONE, own) ? own : particulars;
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
     * Whether a call without a better backend may choose it: then neither a trial nor slow start holds it back, only
     * its own limit.
     */
    public boolean isAvailableAsLast() {
        int most = lastCeiling();
        return most == UNLIMITED || inFlight() < most;
    }

    private int lastCeiling() {
        return closedBecause == null ? mostInFlight() : 0;
    }

    /**
     * Whether a call that has just started exceeds the limit. It depends on the calls before it: of two that race for
     * the last permit, the later one must give way, and never both.
     *
     * @param asLast whether the call goes by {@link #isAvailableAsLast}
     */
    public boolean isOverCeiling(int waitingBefore, boolean asLast) {
        int most = asLast ? lastCeiling() : ceiling();
        return most != UNLIMITED && waitingBefore + streams() >= most;
    }

    /** Whether every request may choose it without further checks. */
    public boolean isOpenToAll() {
        return ceiling() == UNLIMITED;
    }

    /**
     * The reason why it takes no new calls, regardless of which snapshot a caller still reads; null if it takes calls.
     */
    public @Nullable Ineligibility closedBecause() {
        return closedBecause;
    }

    public void close(@Nullable Ineligibility reason) {
        closedBecause = reason;
        updateCeiling();
    }

    /** Whether a subset uses it although the whole pool does not. */
    public boolean inSubsetsOnly() {
        return particulars.inSubsetsOnly;
    }

    public void inSubsetsOnly(boolean only) {
        if (particulars.inSubsetsOnly != only) {
            ownParticulars().inSubsetsOnly = only;
        }
    }

    public int limit() {
        return limit;
    }

    public AdminState adminState() {
        return particulars.adminState;
    }

    public void adminState(AdminState state) {
        if (state != particulars.adminState) {
            ownParticulars().adminState = state;
        }
    }

    @SuppressWarnings("EnumOrdinal") // Only in memory, where it takes a quarter of a reference.
    public void countedAs(BackendCondition as) {
        countedAs = (byte) as.ordinal();
    }

    public BackendCondition countedAs() {
        return STANDINGS[countedAs];
    }

    /** Must be called before {@link #close}, so that no session sees an intermediate state. */
    public void updateSessions() {
        RareBackendState own = particulars;
        // A backend that drains, or announces a drain, has its own object.
        if (own != RareBackendState.NONE) {
            own.keepsSessions = !own.sealed
                    && own.adminState != AdminState.MAINTENANCE
                    && effectiveHealth() != HealthState.DOWN
                    && own.breakerState != BreakerState.OPEN
                    && !own.ejected
                    && !own.resting;
        }
    }

    /** The picker of its group, or of its last group. */
    public @Nullable Picker picker() {
        PickerRef known = seat;
        return known == null ? null : known.picker;
    }

    public void sit(PickerRef next) {
        if (seat != next) {
            seat = next;
        }
    }

    /** A picker references all backends of its group. */
    public void forgetPicker() {
        seat = null;
    }

    /** Ends the sessions. A call that is not counted as in flight by now will not start. */
    public void seal() {
        RareBackendState own = ownParticulars();
        own.sealed = true;
        own.keepsSessions = false;
    }

    /** Reverses {@link #seal}. */
    public void unseal() {
        if (particulars.sealed) {
            ownParticulars().sealed = false;
        }
    }

    public boolean keepsSessions() {
        return particulars.keepsSessions;
    }

    /** Whether a request of a session bound to it may start. */
    public boolean takesSessions() {
        return inFlight() < sessionCeiling();
    }

    /** As {@link #isOverCeiling}, for a call whose session is bound to it. */
    public boolean isOverSessionCeiling(int waitingBefore) {
        int most = sessionCeiling();
        return most != UNLIMITED && waitingBefore + streams() >= most;
    }

    private int sessionCeiling() {
        Ineligibility reason = closedBecause;
        return reason == null ? ceiling() : reason == Ineligibility.DRAINING && keepsSessions() ? limit : 0;
    }

    public void sessionSeen(long nowNanos) {
        ownParticulars().sessionNanos = nowNanos;
    }

    /** How much longer a returning session is expected; 0 or less if none is. */
    public long sessionsExpectedNanos(long idleNanos, long nowNanos) {
        long seen = particulars.sessionNanos;
        return seen == RareBackendState.NO_SESSION ? 0 : seen + idleNanos - nowNanos;
    }

    public double admission() {
        return particulars.admission;
    }

    public void ramp(int mostInFlight, double partOfRequests) {
        limit = mostInFlight;
        if (particulars.admission != partOfRequests) {
            ownParticulars().admission = partOfRequests;
        }
        updateCeiling();
    }

    public void beginRamp(long nowNanos) {
        RareBackendState own = ownParticulars();
        own.ramping = true;
        own.rampSinceNanos = nowNanos;
    }

    public void endRamp() {
        if (particulars.ramping) {
            RareBackendState own = ownParticulars();
            own.ramping = false;
            own.rampFactor = 1;
        }
    }

    private void updateCeiling() {
        int most = closedBecause == null ? limit : 0;
        // Just below unlimited: too high to matter as a limit, but the backend is not open to all.
        ceiling(most == UNLIMITED && (isTrial() || admission() < 1) ? UNLIMITED - 1 : most);
    }

    /** The maximum of calls in flight: reported or else configured, and reduced by an adaptive limit. */
    public int mostInFlight() {
        RareBackendState known = particulars;
        int most = known.reportedLimit > 0 ? known.reportedLimit : backend.maxInFlight();
        GradientLimit adaptive = known.adaptiveLimit;
        return adaptive == null ? most : Math.min(most, adaptive.current());
    }

    /** Whether it is down only because its first check has not ended. */
    @SuppressWarnings("ReferenceEquality") // a check may find the same
    public boolean awaitsFirstCheck() {
        return finding == CheckedHealth.AWAITED;
    }

    public void adaptiveLimit(@Nullable GradientLimit goesByLatency) {
        if (goesByLatency != null || particulars.adaptiveLimit != null) {
            ownParticulars().adaptiveLimit = goesByLatency;
        }
    }

    /** Down if the checks find it down, or if it reports so itself. */
    public HealthState effectiveHealth() {
        return particulars.saysDownBecause != null ? HealthState.DOWN : finding.state();
    }

    public String effectiveHealthCause() {
        String own = particulars.saysDownBecause;
        return own != null && finding.state() != HealthState.DOWN ? own : finding.cause();
    }

    /** Whether it takes only a few calls, which show whether it works again. */
    public boolean isOnTrial() {
        RareBackendState known = particulars;
        return known.trial || known.breakerState == BreakerState.HALF_OPEN;
    }

    @Override
    public <T> T state(Class<T> key, Supplier<? extends T> initial) {
        // Read for each of 10,000 backends of each new picker: a map would be one more object to load.
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

    /** The memories of strategies and detectors. */
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

    private Object addState(Class<?> key, Object initial) {
        while (true) {
            Object first = firstState;
            Object others = otherStates;
            Object existing = first != null && first.getClass() == key ? first : otherState(key);
            if (existing != null) {
                return existing;
            }
            boolean plain = initial.getClass() == key;
            boolean added;
            if (first == null && plain) {
                added = FIRST_STATE.compareAndSet(this, null, initial);
            } else {
                Object next =
                        others == null && plain ? initial : States.of(others).and(key, initial);
                added = OTHER_STATES.compareAndSet(this, others, next);
            }
            if (added) {
                return initial;
            }
        }
    }

    /** For the few backends with states of more than two classes, or under another class than the state's own. */
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

    public void count(Outcome outcome) {
        if (outcome == Outcome.SUCCESS) {
            SUCCESSES.getAndAdd(this, 1L);
        } else {
            ownParticulars().count(outcome);
        }
    }

    public long counted(Outcome outcome) {
        return outcome == Outcome.SUCCESS ? (long) SUCCESSES.getVolatile(this) : particulars.counted(outcome);
    }

    /** Records from an outcome whether it can be reached. */
    public void reached(Outcome outcome) {
        boolean refused = outcome == Outcome.NEVER_SENT;
        if (!outcome.isNeutral() && particulars.refusing != refused) {
            ownParticulars().refusing = refused;
        }
    }

    public void proves(Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            RareBackendState own = ownParticulars();
            own.provenNanos = nowNanos;
            own.proven = true;
        } else if (outcome.isFailure()) {
            ownParticulars().proven = false;
        }
    }

    public boolean isProvenSince(long nanos) {
        RareBackendState known = particulars;
        return known.proven && known.provenNanos - nanos >= 0;
    }

    public void beginTrial(TimeSource clock) {
        RareBackendState own = ownParticulars();
        own.trialClock = clock;
        own.trialSinceNanos = clock.nanoTime();
        own.trialCallNanos = RareBackendState.NO_TRIAL_CALL;
        own.trial = true;
        updateCeiling();
    }

    public void endTrial() {
        if (isTrial()) {
            ownParticulars().trial = false;
            updateCeiling();
        }
    }

    /** Whether it takes one call at a time until one succeeds. */
    public boolean isTrial() {
        return particulars.trial;
    }

    /**
     * Whether a call that begins now may be the trial call. If so, the call must be followed by {@link #releaseTrial}.
     */
    public boolean takeTrial(long nowNanos) {
        RareBackendState own = ownParticulars();
        long before = own.trialCallNanos;
        return isTrialFree(before, nowNanos) && own.replaceTrialCall(before, nowNanos);
    }

    public void releaseTrial(long startNanos) {
        boolean unused = ownParticulars().replaceTrialCall(startNanos, RareBackendState.NO_TRIAL_CALL);
    }

    private boolean isTrialFree() {
        RareBackendState known = particulars;
        TimeSource clock = known.trialClock;
        return clock == null || isTrialFree(known.trialCallNanos, clock.nanoTime());
    }

    /** A trial call that hangs or was lost must not exclude the backend for good. */
    private static boolean isTrialFree(long callNanos, long nowNanos) {
        return callNanos == RareBackendState.NO_TRIAL_CALL || nowNanos - callNanos >= MAX_TRIAL_NANOS;
    }

    @Override
    public String toString() {
        return backend.id();
    }
}
