package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a backend's state that most backends do not have, one for each policy, allocated on first use
 * ({@link RareBackendState}). {@code own…()} returns a part for its owner to write; the method without {@code own}
 * returns it for reading, and may return an object that is shared.
 */
public abstract class BackendParts extends PluginStates {
    private static final VarHandle RARE;

    static {
        try {
            RARE = MethodHandles.lookup().findVarHandle(BackendParts.class, "rare", RareBackendState.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile RareBackendState rare = RareBackendState.NONE;

    /** Begins with the parts of a backend's summary. */
    BackendParts(PoolStats pool, BackendSummary former) {
        super(pool);
        restoreFailures(former.failureRate, former.leftNanos);
        restoreLatency(
                former.latencySamples,
                former.latencyNanos,
                former.latencyP99Nanos,
                former.latencyGapNanos,
                former.latencySampleNanos);
        if (former.hasCountedMore()) {
            ownRare().ownOutcomes().restore(former);
        }
        if (former.incidents.ejections() > 0) {
            ownRare().ownEjection().restore(former.incidents.ejections());
        }
        if (former.incidents.openings() > 0) {
            ownRare().ownCircuit().restore(former.incidents.openings());
        }
        if (former.adaptiveLimit > 0) {
            // The policy in force moves it into its own range.
            ownRare().adaptiveLimit = new GradientLimit(1, former.adaptiveLimit, Integer.MAX_VALUE, 2);
        }
    }

    private RareBackendState ownRare() {
        RareBackendState present = rare;
        if (present != RareBackendState.NONE) {
            return present;
        }
        RareBackendState own = new RareBackendState();
        return RARE.compareAndSet(this, RareBackendState.NONE, own) ? own : rare;
    }

    public CircuitState circuit() {
        return rare.circuit;
    }

    public CircuitState ownCircuit() {
        return ownRare().ownCircuit();
    }

    public EjectionState ejection() {
        return rare.ejection;
    }

    public EjectionState ownEjection() {
        return ownRare().ownEjection();
    }

    public CooldownState cooldown() {
        return rare.cooldown;
    }

    public CooldownState ownCooldown() {
        return ownRare().ownCooldown();
    }

    public LoadReportState loadReport() {
        return rare.loadReport;
    }

    public LoadReportState ownLoadReport() {
        return ownRare().ownLoadReport();
    }

    public RampState ramp() {
        return rare.ramp;
    }

    @Override
    public boolean isInSlowStart() {
        return ramp().factor() < 1;
    }

    public RampState ownRamp() {
        return ownRare().ownRamp();
    }

    public DrainState drain() {
        return rare.drain;
    }

    public DrainState ownDrain() {
        return ownRare().ownDrain();
    }

    public SessionState session() {
        return rare.session;
    }

    public SessionState ownSession() {
        return ownRare().ownSession();
    }

    public ProvenState proven() {
        return rare.proven;
    }

    public ProvenState ownProven() {
        return ownRare().ownProven();
    }

    public void countRetry() {
        ownRare().ownOutcomes().countRetry();
    }

    public long retries() {
        return rare.outcomes.retries();
    }

    OutcomeCounts outcomes() {
        return rare.outcomes;
    }

    OutcomeCounts ownOutcomes() {
        return ownRare().ownOutcomes();
    }

    public AdminState adminState() {
        return rare.adminState;
    }

    /** When its admin state last changed; meaningless while {@link #hasAdminHistory} says no. */
    public long adminSinceNanos() {
        return rare.adminSinceNanos;
    }

    public boolean hasAdminHistory() {
        return rare.hasAdminHistory;
    }

    public void adminState(AdminState state, long nowNanos) {
        if (state != rare.adminState) {
            RareBackendState own = ownRare();
            own.adminState = state;
            own.adminSinceNanos = nowNanos;
            own.hasAdminHistory = true;
        }
    }

    public @Nullable GradientLimit adaptiveLimit() {
        return rare.adaptiveLimit;
    }

    public void adaptiveLimit(@Nullable GradientLimit goesByLatency) {
        if (goesByLatency != rare.adaptiveLimit) {
            ownRare().adaptiveLimit = goesByLatency;
        }
    }

    /** Whether its source has replaced it by another backend while it is out. */
    public boolean isReplaced() {
        return rare.replaced;
    }

    public void replaced(boolean byOther) {
        if (rare.replaced != byOther) {
            ownRare().replaced = byOther;
        }
    }

    /** Whether it was out and replaced when its tier counted it. */
    public boolean wasCountedReplaced() {
        return rare.countedReplaced;
    }

    void countedReplaced(boolean isOut) {
        if (rare.countedReplaced != isOut) {
            ownRare().countedReplaced = isOut;
        }
    }

    /** Whether a subset uses it although the whole pool does not. */
    public boolean inSubsetsOnly() {
        return rare.inSubsetsOnly;
    }

    public void inSubsetsOnly(boolean only) {
        if (rare.inSubsetsOnly != only) {
            ownRare().inSubsetsOnly = only;
        }
    }

    /** The subsets it belongs to; null before they are known. */
    public @Nullable SubsetMembership subsets() {
        return rare.subsets;
    }

    public void subsets(SubsetMembership found) {
        ownRare().subsets = found;
    }

    boolean mayKeepSessions() {
        return rare.mayKeepSessions;
    }

    void mayKeepSessions(boolean may) {
        RareBackendState own = rare;
        // A backend that drains, or announces a drain, has its own object.
        if (own != RareBackendState.NONE) {
            own.mayKeepSessions = may;
        }
    }
}
