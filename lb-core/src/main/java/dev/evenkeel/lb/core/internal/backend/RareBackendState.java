package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rarely used parts of a backend's state, one for each policy, allocated on first use to keep {@link BackendState}
 * small: they would take most of a backend's memory, and there may be 100,000 backends. Until then a backend reads
 * {@link #NONE}, and a part reads as the {@code NONE} of its class; these are never written.
 */
final class RareBackendState {
    private static final AtomicReferenceFieldUpdater<RareBackendState, OutcomeCounts> OUTCOMES =
            updater(OutcomeCounts.class, "outcomes");
    private static final AtomicReferenceFieldUpdater<RareBackendState, CircuitState> CIRCUIT =
            updater(CircuitState.class, "circuit");
    private static final AtomicReferenceFieldUpdater<RareBackendState, EjectionState> EJECTION =
            updater(EjectionState.class, "ejection");
    private static final AtomicReferenceFieldUpdater<RareBackendState, CooldownState> COOLDOWN =
            updater(CooldownState.class, "cooldown");
    private static final AtomicReferenceFieldUpdater<RareBackendState, LoadReportState> LOAD_REPORT =
            updater(LoadReportState.class, "loadReport");
    private static final AtomicReferenceFieldUpdater<RareBackendState, RampState> RAMP =
            updater(RampState.class, "ramp");
    private static final AtomicReferenceFieldUpdater<RareBackendState, DrainState> DRAIN =
            updater(DrainState.class, "drain");
    private static final AtomicReferenceFieldUpdater<RareBackendState, SessionState> SESSION =
            updater(SessionState.class, "session");
    private static final AtomicReferenceFieldUpdater<RareBackendState, ProvenState> PROVEN =
            updater(ProvenState.class, "proven");

    /** Of a backend without rare state. */
    static final RareBackendState NONE = new RareBackendState();

    volatile OutcomeCounts outcomes = OutcomeCounts.NONE;
    volatile CircuitState circuit = CircuitState.NONE;
    volatile EjectionState ejection = EjectionState.NONE;
    volatile CooldownState cooldown = CooldownState.NONE;
    volatile LoadReportState loadReport = LoadReportState.NONE;
    volatile RampState ramp = RampState.NONE;
    volatile DrainState drain = DrainState.NONE;
    volatile SessionState session = SessionState.NONE;
    volatile ProvenState proven = ProvenState.NONE;

    AdminState adminState = AdminState.ACTIVE;
    long adminSinceNanos;
    /** Whether the admin state has ever changed. */
    boolean hasAdminHistory;
    /** Whether a session may stay, apart from the end of a drain. */
    volatile boolean mayKeepSessions;
    /** Whether a subset uses the backend although the whole pool does not. */
    boolean inSubsetsOnly;
    /** Whether its source has replaced it by another backend while it is out. */
    boolean replaced;
    /** Whether its tier has counted it as a replaced backend. */
    boolean countedReplaced;
    /** Null without an adaptive limit. */
    volatile @Nullable GradientLimit adaptiveLimit;
    /** Null before its subsets are known. */
    @Nullable
    SubsetMembership subsets;

    OutcomeCounts ownOutcomes() {
        return own(OUTCOMES, OutcomeCounts.NONE, OutcomeCounts::new);
    }

    CircuitState ownCircuit() {
        return own(CIRCUIT, CircuitState.NONE, CircuitState::new);
    }

    EjectionState ownEjection() {
        return own(EJECTION, EjectionState.NONE, EjectionState::new);
    }

    CooldownState ownCooldown() {
        return own(COOLDOWN, CooldownState.NONE, CooldownState::new);
    }

    LoadReportState ownLoadReport() {
        return own(LOAD_REPORT, LoadReportState.NONE, LoadReportState::new);
    }

    RampState ownRamp() {
        return own(RAMP, RampState.NONE, RampState::new);
    }

    DrainState ownDrain() {
        return own(DRAIN, DrainState.NONE, DrainState::new);
    }

    SessionState ownSession() {
        return own(SESSION, SessionState.NONE, SessionState::new);
    }

    ProvenState ownProven() {
        return own(PROVEN, ProvenState.NONE, ProvenState::new);
    }

    /** The backend's own part. Of two threads that race for the first use, both get the same. */
    private <T> T own(AtomicReferenceFieldUpdater<RareBackendState, T> part, T none, Supplier<T> fresh) {
        T present = part.get(this);
        if (present != none) {
            return present;
        }
        part.compareAndSet(this, none, fresh.get());
        return part.get(this);
    }

    private static <T> AtomicReferenceFieldUpdater<RareBackendState, T> updater(Class<T> type, String field) {
        return AtomicReferenceFieldUpdater.newUpdater(RareBackendState.class, type, field);
    }
}
