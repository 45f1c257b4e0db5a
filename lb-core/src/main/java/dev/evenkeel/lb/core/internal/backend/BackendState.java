package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * State of one backend id for as long as it is in the pool: the composition of what each policy knows of it.
 *
 * <p>One class writes each field; docs/architecture.md names it, and a test holds it. What most backends have is in fields of
 * this class, everything else in {@link BackendParts}: so a healthy backend takes 152 bytes.
 *
 * <p>The call path writes counters, statistics, sessions and proofs; everything else is written under the pool's lock.
 * What the call path reads of the latter is volatile.
 */
public final class BackendState extends BackendParts {
    private static final BackendCondition[] CONDITIONS = BackendCondition.values();
    private static final WeightSource[] WEIGHT_SOURCES = WeightSource.values();
    private static final Ineligibility[] REASONS = Ineligibility.values();

    private volatile @Nullable Ineligibility closedBecause = Ineligibility.DOWN;
    private volatile Backend backend;
    private volatile double weight;
    /** The group in which it competes, or competed last. */
    private volatile @Nullable PickerRef pickerRef;
    /** The maximum of calls in flight, reduced by slow start. */
    private volatile int limit;

    // Guarded by the pool's lock.
    private CheckedHealth checkedHealth = CheckedHealth.UNKNOWN;
    private boolean removed;
    private boolean listed;
    private boolean touched;
    private long number;
    private byte condition = code(BackendCondition.WITHDRAWN);
    private @Nullable Backend counted;
    private byte countedAs;
    private byte weightSetBy;
    private boolean countedAwaited;
    private byte idleBecause = -1;
    private boolean settled;
    private boolean cold = true;

    public BackendState(Backend backend, PoolStats poolStats) {
        this(backend, poolStats, BackendSummary.NONE);
    }

    /** Goes on where a backend of the same id ended when it left. */
    public BackendState(Backend described, PoolStats poolStats, BackendSummary former) {
        super(poolStats, former);
        backend = described;
        weight = described.weight();
        limit = described.maxInFlight();
        successes(former.counted(Outcome.SUCCESS));
        updateCeiling();
    }

    @SuppressWarnings("EnumOrdinal") // Only in memory, where it takes a quarter of a reference.
    private static byte code(Enum<?> constant) {
        return (byte) constant.ordinal();
    }

    // Call path: may a call start?

    @Override
    public boolean isAvailable() {
        int most = ceiling();
        return most == UNLIMITED
                || (inFlight() < most && (!isTrial() || ejection().isTrialFree()));
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

    /** As {@link #isOverCeiling}, for a call that ignores passive health. */
    public boolean isOverOwnLimit(int waitingBefore) {
        Ineligibility reason = closedBecause;
        boolean closed = reason != null && !BackendCondition.isPassive(reason);
        int most = closed ? 0 : mostInFlight();
        return most != UNLIMITED && waitingBefore + streams() >= most;
    }

    /** Whether only passive health keeps calls out. Takes no lock, so the condition may be newer than a snapshot. */
    public boolean isPassivelyOut() {
        Ineligibility reason = closedBecause;
        return condition().isPassive() && (reason == null || BackendCondition.isPassive(reason));
    }

    /** Whether every request may choose it without further checks. */
    public boolean isOpenToAll() {
        return ceiling() == UNLIMITED;
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

    /** Whether requests of sessions bound to it may start although it drains. */
    public boolean keepsSessions() {
        return mayKeepSessions() && !drain().hasStoppedSessions();
    }

    private void updateCeiling() {
        int most = closedBecause == null ? limit : 0;
        // Just below unlimited: too high to matter as a limit, but the backend is not open to all.
        ceiling(most == UNLIMITED && (isTrial() || admission() < 1) ? UNLIMITED - 1 : most);
    }

    /** The maximum of calls in flight: reported or else configured, and reduced by an adaptive limit. */
    public int mostInFlight() {
        int reported = loadReport().maxInFlight();
        int most = reported > 0 ? reported : backend.maxInFlight();
        GradientLimit adaptive = adaptiveLimit();
        return adaptive == null ? most : Math.min(most, adaptive.current());
    }

    // Membership and administration.

    @Override
    public Backend backend() {
        return backend;
    }

    /** Who set the weight of its description. */
    public WeightSource weightSetBy() {
        return WEIGHT_SOURCES[weightSetBy];
    }

    public void backend(Backend described, WeightSource by) {
        backend = described;
        weightSetBy = code(by);
    }

    public boolean isRemoved() {
        return removed;
    }

    public void removed(boolean leaves) {
        removed = leaves;
    }

    /** Whether it is in the complete list that is being compared. */
    public boolean isListed() {
        return listed;
    }

    public void listed(boolean isInList) {
        listed = isInList;
    }

    /** Its number in the order of joining. */
    public long number() {
        return number;
    }

    void number(long joined) {
        number = joined;
    }

    /** Whether it is recorded for the next snapshot. */
    public boolean isTouched() {
        return touched;
    }

    public void touched(boolean changed) {
        touched = changed;
    }

    // Health.

    /** The result of the active checks. */
    public CheckedHealth checkedHealth() {
        return checkedHealth;
    }

    public void checkedHealth(CheckedHealth found) {
        checkedHealth = found;
    }

    /** Whether it is down only because its first check has not ended. */
    @SuppressWarnings("ReferenceEquality") // a check may find the same
    public boolean awaitsFirstCheck() {
        return checkedHealth == CheckedHealth.AWAITED;
    }

    /** Down if the checks find it down, or if it reports so itself. */
    public HealthState effectiveHealth() {
        return loadReport().downBecause() != null ? HealthState.DOWN : checkedHealth.state();
    }

    public String effectiveHealthCause() {
        String own = loadReport().downBecause();
        return own != null && checkedHealth.state() != HealthState.DOWN ? own : checkedHealth.cause();
    }

    /** Whether it takes one call at a time until one succeeds. */
    public boolean isTrial() {
        return ejection().isTrial();
    }

    public void beginTrial(TimeSource clock) {
        ownEjection().beginTrial(clock);
        updateCeiling();
    }

    public void endTrial() {
        if (isTrial()) {
            ownEjection().endTrial();
            updateCeiling();
        }
    }

    // The last snapshot.

    /** Its condition in the last snapshot. */
    public BackendCondition condition() {
        return CONDITIONS[condition];
    }

    public void condition(BackendCondition judged) {
        condition = code(judged);
    }

    /** The reason why it takes no new calls, whichever snapshot a caller still reads; null if it takes calls. */
    public @Nullable Ineligibility closedBecause() {
        return closedBecause;
    }

    public void close(@Nullable Ineligibility reason) {
        closedBecause = reason;
        updateCeiling();
    }

    /** Must be called before {@link #close}, so that no session sees an intermediate state. */
    public void updateSessions() {
        mayKeepSessions(BackendCondition.keepsSessions(this));
    }

    /** The reason why the last snapshot sends it no calls although it could be used. */
    public @Nullable Ineligibility idleBecause() {
        return idleBecause < 0 ? null : REASONS[idleBecause];
    }

    public void idleBecause(@Nullable Ineligibility reason) {
        idleBecause = reason == null ? -1 : code(reason);
    }

    /** The backend as its tier has counted it; null if no tier has. */
    public @Nullable Backend counted() {
        return counted;
    }

    /** The condition under which its tier has counted it. */
    public BackendCondition countedAs() {
        return CONDITIONS[countedAs];
    }

    /** Whether it awaited its first check when its tier counted it. */
    public boolean wasCountedAwaited() {
        return countedAwaited;
    }

    public void countIn() {
        counted = backend;
        countedAs = condition;
        countedAwaited = awaitsFirstCheck();
        countedReplaced(isReplaced() && !condition().isGood());
    }

    public void countOut() {
        counted = null;
    }

    /** The picker of its group, or of its last group. */
    public @Nullable Picker picker() {
        PickerRef group = pickerRef;
        return group == null ? null : group.picker;
    }

    /** Sets the group in which it competes. A picker references all backends of its group: null lets them go. */
    public void pickerRef(@Nullable PickerRef group) {
        if (pickerRef != group) {
            pickerRef = group;
        }
    }

    // Weight and slow start.

    @Override
    public double weight() {
        return weight;
    }

    public int limit() {
        return limit;
    }

    /** The share of requests that may choose it. */
    public double admission() {
        return ramp().admission();
    }

    /** Whether it was good and not on trial in the last snapshot. */
    public boolean isSettled() {
        return settled;
    }

    public void settled(boolean isGood) {
        settled = isGood;
    }

    /** New, or out for a reason that makes it cold: it goes through slow start when it settles. */
    public boolean isCold() {
        return cold;
    }

    public void cold(boolean isNew) {
        cold = isNew;
    }

    public void ramp(double effectiveWeight, int mostInFlight, double partOfRequests) {
        weight = effectiveWeight;
        limit = mostInFlight;
        if (admission() != partOfRequests) {
            ownRamp().admission(partOfRequests);
        }
        updateCeiling();
    }

    // Counts.

    public void count(Outcome outcome) {
        if (outcome == Outcome.SUCCESS) {
            countSuccess();
        } else {
            ownOutcomes().count(outcome);
        }
    }

    public long counted(Outcome outcome) {
        return outcome == Outcome.SUCCESS ? successes() : outcomes().counted(outcome);
    }

    @Override
    public String toString() {
        return backend.id();
    }
}
