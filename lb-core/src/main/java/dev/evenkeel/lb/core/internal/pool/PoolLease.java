package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.Breaker;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.registry.ClosableLease;
import dev.evenkeel.lb.core.internal.snapshot.DeterministicRandom;
import dev.evenkeel.lb.core.internal.snapshot.RequestRandom;
import dev.evenkeel.lb.core.internal.time.TimedLease;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One object for a request and its lease: a {@link PickRequest} until a backend is picked, then the {@link Lease}. So a
 * call allocates once.
 *
 * <p>The state moves from open to responded to completed; of a trial's call that was answered well, from responded to
 * proven in between. Exactly one thread makes each transition.
 */
public class PoolLease implements TimedLease, PickRequest, RequestRandom, ClosableLease {
    private static final byte OPEN = 0;
    private static final byte RESPONDED = 1;
    /** Responded, and its good answer has counted for the backend's trial. */
    private static final byte PROVEN = 2;

    private static final byte COMPLETED = 3;
    private static final int RAMP_SALT = -1;
    private static final VarHandle STATE = VarHandles.field(MethodHandles.lookup(), "state", byte.class);
    private static final VarHandle CLOSER = VarHandles.field(MethodHandles.lookup(), "closer", Consumer.class);

    private final Pool pool;
    private final RequestContext context;
    /** Null as long as any available backend will do. */
    private @Nullable PickConstraints constraints;

    private final long startNanos;

    private @Nullable BackendState node;
    private @Nullable Backend backend;
    private @Nullable Picker picker;
    /** The circuit breaker under which this call was made; null if there was none, or an open one. */
    private @Nullable Breaker breaker;
    /** Whether this call holds a permission of the breaker, and so must record a result or release it. */
    private boolean holdsPermit;
    /** Whether this call is the single trial call after an ejection. */
    private boolean trialCall;

    /** Whether the good answer of this completed call has counted for the backend's trial before its end. */
    private boolean proven;

    private long respondedNanos;

    @SuppressWarnings("unused") // through STATE
    private volatile byte state;

    /** Ends the exchange for the pool; null if the holder has not said how, or the pool has done it. */
    private volatile @Nullable Consumer<StreamClosedException> closer;

    PoolLease(Pool pool, RequestContext context, long startNanos) {
        this.pool = pool;
        this.context = context;
        this.constraints = constraintsOf(context);
        this.startNanos = startNanos;
    }

    private static @Nullable PickConstraints constraintsOf(RequestContext context) {
        List<Backend> tried = context.tried();
        Predicate<Backend> permitted = context.permitted();
        return tried.isEmpty() && permitted == null ? null : new PickConstraints(tried, permitted);
    }

    private PickConstraints constraints() {
        PickConstraints present = constraints;
        if (present == null) {
            present = new PickConstraints(List.of(), null);
            constraints = present;
        }
        return present;
    }

    // The request.

    @Override
    public boolean accepts(Candidate candidate) {
        BackendState asked = (BackendState) candidate;
        PickConstraints present = constraints;
        return (asked.isOpenToAll() || hasRoomAt(asked)) && (present == null || present.allows(asked));
    }

    /** Whether the request's own predicate permits this backend. */
    boolean permits(BackendState asked) {
        return constraints == null || constraints.permits(asked);
    }

    /** Whether the request rules out this backend, whatever the backend's state. */
    boolean isRuledOut(BackendState asked) {
        return constraints != null && !constraints.allows(asked);
    }

    private boolean hasRoomAt(BackendState asked) {
        if (isLastResort()) {
            return asked.isAvailableAsLast();
        }
        if (asked.isAvailable()) {
            return admits(asked);
        }
        if (asked.isAvailableAsLast()) {
            constraints().passOver();
        }
        return false;
    }

    /** Draws once per request, so that the request skips a backend in slow start on every look, or on none. */
    private boolean admits(BackendState ramping) {
        double part = ramping.admission();
        if (part >= 1) {
            return true;
        }
        PickConstraints own = constraints();
        if (own.slowStartDraw() < 0) {
            own.slowStartDraw(random(RAMP_SALT));
        }
        return own.slowStartDraw() < part;
    }

    /**
     * After a null pick: ignores slow-start admission. Returns false if slow start had excluded no backend, so that a
     * retry is useless.
     */
    boolean ignoreSlowStart() {
        PickConstraints own = constraints();
        boolean excluded = own.slowStartDraw() > 0;
        own.slowStartDraw(0);
        return excluded;
    }

    /** A number in [0, 1) that this request draws: by its affinity if it has one, otherwise at random. */
    @Override
    public double random(int salt) {
        Object affinity = affinity();
        return affinity == null ? pool.random.nextDouble() : DeterministicRandom.of(affinity.hashCode(), salt);
    }

    @Override
    public @Nullable Object affinity() {
        try {
            return pool.strategy().affinity(context);
        } catch (RuntimeException | Error e) {
            pool.faulted(e, "the strategy's affinity failed");
            Containment.rethrowFatal(e);
            return null;
        }
    }

    @Override
    public long nowNanos() {
        return startNanos;
    }

    @Override
    public @Nullable String affinityKey() {
        return context.affinityKey();
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return context.clientAddress();
    }

    @Override
    public List<Backend> tried() {
        return constraints == null ? List.of() : constraints.tried;
    }

    @Override
    public @Nullable Predicate<Backend> permitted() {
        return constraints == null ? null : constraints.permitted;
    }

    @Override
    public boolean ignoresPassiveHealth() {
        return context.ignoresPassiveHealth();
    }

    /** Excludes a backend that looked available but could not be entered: the picker must choose another one. */
    void refuse(BackendState unavailable) {
        PickConstraints own = constraints();
        if (unavailable.isAvailableAsLast()) {
            own.passOver();
        }
        own.refuse(unavailable);
    }

    /**
     * Lets this request ignore trials and slow start, if a backend was skipped because of them. Both protect a backend
     * while other backends serve; without another backend they must not fail the call.
     *
     * @return whether a backend can be tried again
     */
    boolean becomesLastResort() {
        return constraints != null && constraints.becomesLastResort();
    }

    /**
     * Lets this request ignore passive health, if its context may: every eligible backend was tried in vain, or is not
     * permitted.
     */
    boolean ignorePassiveHealth() {
        if (!PassivelyOut.mayBeUsed(context)) {
            return false;
        }
        constraints().ignorePassiveHealth();
        return true;
    }

    boolean isIgnoringPassiveHealth() {
        return constraints != null && constraints.isIgnoringPassiveHealth();
    }

    boolean isLastResort() {
        return constraints != null && constraints.isLastResort();
    }

    // The lease.

    void grant(BackendState chosen, Picker by, @Nullable Breaker under, boolean withPermit, boolean asTrialCall) {
        node = chosen;
        backend = chosen.backend();
        picker = by;
        breaker = under;
        holdsPermit = withPermit;
        trialCall = asTrialCall;
    }

    @Nullable
    Breaker breaker() {
        return breaker;
    }

    boolean holdsPermit() {
        return holdsPermit;
    }

    boolean isTrialCall() {
        return trialCall;
    }

    boolean isProven() {
        return proven;
    }

    AttemptKind kind() {
        return context.attemptKind();
    }

    @Override
    public Backend backend() {
        return granted(backend);
    }

    @Override
    public void responded() {
        if (state == OPEN) {
            respondedNanos = pool.timeSource.nanoTime();
            if (STATE.compareAndSet(this, OPEN, RESPONDED)) {
                granted(node).answered(startNanos);
            }
        }
    }

    @Override
    public void responded(Outcome outcome) {
        responded();
        if (outcome == Outcome.SUCCESS && isOnTrial() && STATE.compareAndSet(this, RESPONDED, PROVEN)) {
            long latencyNanos = Math.max(0, respondedNanos - startNanos);
            pool.answeredWell(this, granted(node), latencyNanos, pool.timeSource.nanoTime());
        }
    }

    /** Whether the backend is on trial, so that the answer to this call matters before its end. */
    private boolean isOnTrial() {
        return granted(node).isTrial() || (breaker != null && breaker.state() == BreakerState.HALF_OPEN);
    }

    final boolean isCompleted() {
        return state == COMPLETED;
    }

    @Override
    public boolean isBySystemClock() {
        return pool.isBySystemClock;
    }

    @Override
    public final boolean complete(Outcome outcome) {
        return complete(outcome, pool.timeSource.nanoTime());
    }

    @Override
    public boolean complete(Outcome outcome, long nowNanos) {
        byte before = (byte) STATE.getAndSet(this, COMPLETED);
        if (before == COMPLETED) {
            return false;
        }
        boolean answered = before != OPEN;
        proven = before == PROVEN;
        long latencyNanos = Math.max(0, (answered ? respondedNanos : nowNanos) - startNanos);
        BackendState chosen = granted(node);
        if (closer != null) {
            pool.openLeases.remove(this);
        }
        // StatusReporter reads these in the opposite order: it always sees a call as in flight or with an outcome.
        chosen.count(outcome);
        chosen.ended(startNanos, answered);
        pool.completed(this, chosen, granted(picker), outcome, latencyNanos, nowNanos);
        return true;
    }

    @Override
    public void report(LoadReport report) {
        pool.reported(granted(node), granted(picker), report);
    }

    @Override
    public void bind() {
        sessionSeen(pool.timeSource.nanoTime());
    }

    @Override
    public void onClose(Consumer<StreamClosedException> handler) {
        closer = handler;
        pool.openLeases.add(this);
        if (isCompleted()) {
            pool.openLeases.remove(this);
        }
    }

    @Override
    public BackendState node() {
        return granted(node);
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    @SuppressWarnings("unchecked") // the type of the field
    public @Nullable Consumer<StreamClosedException> takeCloser() {
        return isCompleted() ? null : (Consumer<StreamClosedException>) CLOSER.getAndSet(this, null);
    }

    /** Records that this call continues a session at its backend. */
    void continueSession() {
        sessionSeen(startNanos);
    }

    private void sessionSeen(long nowNanos) {
        granted(node).ownSession().seen(nowNanos);
    }

    @Override
    public void restFor(Duration duration) {
        pool.rest(granted(node), duration);
    }

    private static <T> T granted(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("not granted");
        }
        return value;
    }

    @Override
    public String toString() {
        return "Lease[" + pool.name() + " " + backend + "]";
    }
}
