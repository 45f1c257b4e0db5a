package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.Breaker;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.snapshot.DeterministicRandom;
import dev.evenkeel.lb.core.internal.snapshot.RequestRandom;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * First the request that a picker sees, then the lease on what it picked: one allocation for both.
 *
 * <p>The state moves from open to responded to completed, and each step is taken by exactly one thread.
 */
public class PoolLease implements Lease, PickRequest, RequestRandom {
    private static final int OPEN = 0;
    private static final int RESPONDED = 1;
    private static final int COMPLETED = 2;
    private static final int RAMP_SALT = -1;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(PoolLease.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Pool pool;
    private final RequestContext context;
    private final List<Backend> tried;
    private final @Nullable Predicate<Backend> permitted;
    private final long startNanos;
    private @Nullable List<BackendState> refused;
    /** A backend that has room was passed over: its trial has as many calls as it may have, or its slow start has. */
    private boolean passedOver;
    /** Nothing better is left: trials and slow start hold no backend back from this request. */
    private boolean lastResort;
    /** Negative until it is drawn. */
    private double luck = -1;

    private @Nullable BackendState node;
    private @Nullable Backend backend;
    private @Nullable Picker picker;
    /** The breaker under which this call was made; null if it had none, or an open one. */
    private @Nullable Breaker breaker;
    /** It has a permission of the breaker, and owes it a result or its return. */
    private boolean holdsPermit;
    /** It is the one call of a trial after an ejection. */
    private boolean trialCall;

    private long respondedNanos;

    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    PoolLease(Pool pool, RequestContext context, long startNanos) {
        this.pool = pool;
        this.context = context;
        this.tried = context.tried();
        this.permitted = context.permitted();
        this.startNanos = startNanos;
    }

    // The request.

    @Override
    public boolean accepts(Candidate candidate) {
        BackendState asked = (BackendState) candidate;
        return (asked.isOpenToAll() || hasRoomAt(asked))
                && (tried.isEmpty() || !Snapshot.isTried(asked, tried))
                && !isRefused(asked)
                && permits(asked);
    }

    /** Whether the request may be sent to a backend at all. */
    boolean permits(BackendState asked) {
        return permitted == null || permitted.test(asked.backend);
    }

    private boolean hasRoomAt(BackendState asked) {
        if (lastResort) {
            return asked.isAvailableAsLast();
        }
        if (asked.isAvailable()) {
            return admits(asked);
        }
        passedOver |= asked.isAvailableAsLast();
        return false;
    }

    /** One lot for the whole request: it passes over a ramping backend every time it looks, or never. */
    private boolean admits(BackendState ramping) {
        double part = ramping.admission();
        if (part >= 1) {
            return true;
        }
        if (luck < 0) {
            luck = random(RAMP_SALT);
        }
        return luck < part;
    }

    /** Nobody was picked: no backend is passed over any more for being new. False if none can have been. */
    boolean insist() {
        boolean unlucky = luck > 0;
        luck = 0;
        return unlucky;
    }

    /** A number in [0, 1) that this request draws: by its affinity if it has one, otherwise at random. */
    @Override
    public double random(int salt) {
        Object affinity = affinity();
        return affinity == null ? pool.random.nextDouble() : DeterministicRandom.of(affinity.hashCode(), salt);
    }

    public @Nullable
    Object affinity() {
        try {
            return pool.strategy.affinity(context);
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
            return null; // The picker will meet it, too, and then it is reported.
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
        return tried;
    }

    @Override
    public @Nullable Predicate<Backend> permitted() {
        return permitted;
    }

    /** The node could not be entered although it looked available: the picker must choose another. */
    void refuse(BackendState unavailable) {
        passedOver |= unavailable.isAvailableAsLast();
        List<BackendState> list = refused;
        if (list == null) {
            list = new ArrayList<>(2);
            refused = list;
        }
        list.add(unavailable);
    }

    /**
     * Makes this request one that trials and slow start do not hold back, if some backend has passed it over for them. They
     * spare a backend while others serve; when none does, a call that is turned away is a failure of ours.
     *
     * @return whether there is a backend to ask again
     */
    boolean becomesLastResort() {
        if (lastResort || !passedOver) {
            return false;
        }
        lastResort = true;
        refused = null;
        return true;
    }

    boolean isLastResort() {
        return lastResort;
    }

    boolean isRefused(BackendState asked) {
        List<BackendState> list = refused;
        return list != null && list.contains(asked);
    }

    // The lease.

    void grant(BackendState chosen, Picker by, @Nullable Breaker under, boolean withPermit, boolean asTrialCall) {
        node = chosen;
        backend = chosen.backend;
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

    final boolean isCompleted() {
        return state == COMPLETED;
    }

    @Override
    public boolean complete(Outcome outcome) {
        int before = (int) STATE.getAndSet(this, COMPLETED);
        if (before == COMPLETED) {
            return false;
        }
        boolean answered = before == RESPONDED;
        long nowNanos = pool.timeSource.nanoTime();
        long latencyNanos = Math.max(0, (answered ? respondedNanos : nowNanos) - startNanos);
        BackendState chosen = granted(node);
        // In this order, and Descriptions in the other: a call is in flight or has an outcome, at no time neither.
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
        granted(node).sessionSeen(pool.timeSource.nanoTime());
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
