package dev.evenkeel.lb.core.internal.limit;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.Unavailable.Occupancy;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Admission control of a pool with a {@link LimitPolicy}: counts calls in flight and queues calls beyond the limit.
 *
 * <p>It takes no lock. A thread that makes room admits queued calls itself, one thread at a time: a thread that finds
 * another one admitting leaves the work to that thread. No wake-up is lost: a call that ends releases its permit first
 * and then looks at the queue, and a call that arrives joins the queue first and then looks for room.
 */
public final class AdmissionController {
    private static final VarHandle IN_FLIGHT = VarHandles.field(MethodHandles.lookup(), "inFlight", int.class);
    private static final VarHandle QUEUED = VarHandles.field(MethodHandles.lookup(), "queued", int.class);
    /**
     * Decisions of this thread that are not delivered yet. Delivery runs application code, which may call back into
     * this class.
     */
    private static final ThreadLocal<Deque<Admission>> UNDELIVERED = new ThreadLocal<>();

    private final AdmittedPool pool;
    private final AdaptiveLimitUpdater limits;
    private final Supplier<PoolConfig> config;
    private volatile int inFlight;

    /** The number of queued calls, or more. */
    private volatile int queued;

    /** Queue of retries, that is, of calls that have tried a backend before. It has precedence. */
    private final Queue<PendingAcquire> further = new ConcurrentLinkedQueue<>();

    private final Queue<PendingAcquire> first = new ConcurrentLinkedQueue<>();
    /** How many wake-ups were requested since a thread began to admit calls; 0 if no thread does. */
    private final AtomicInteger wakeUps = new AtomicInteger();

    private record Admission(PendingAcquire call, PickResult result) {}

    public AdmissionController(AdmittedPool pool, Supplier<PoolConfig> config, AdaptiveLimitUpdater limits) {
        this.pool = pool;
        this.limits = limits;
        this.config = config;
    }

    private int queueSize() {
        return config.get().limits().queueSize();
    }

    public int inFlight() {
        return inFlight;
    }

    /** The number of queued calls. */
    public int queued() {
        return queued;
    }

    public PickResult acquire(RequestContext context) {
        if (queued > 0 && context.previous() == null) {
            return noRoom(context.tried(), Duration.ZERO);
        }
        PickResult result = tryEnter(context);
        if (!(result instanceof Lease) && queued > 0) {
            // A waiter may have failed its check while this call held the permit: look at the queue again.
            wake();
        }
        return result;
    }

    public CompletableFuture<PickResult> acquireOrWait(RequestContext context) {
        PickResult result = acquire(context);
        if (!(result instanceof Unavailable refused) || !isFull(refused) || !joinQueue()) {
            return CompletableFuture.completedFuture(result);
        }
        List<Backend> tried = refused.tried();
        PendingAcquire call = new PendingAcquire(context, tried, pool.nanoTime(), tried.isEmpty() ? first : further);
        CompletableFuture<PickResult> unused = call.whenComplete((end, error) -> {
            call.stopTimeout();
            leaveQueue(call);
        });
        call.queue.add(call);
        wake();
        if (!call.isDone()) {
            call.timeOutBy(
                    pool.schedule(() -> timeOut(call), config.get().limits().queueTimeout()));
        }
        return call;
    }

    private PickResult takeOver(Permit previous, RequestContext context) {
        boolean taken = false;
        try {
            PickResult result = pool.pick(context);
            if (result instanceof Permit lease) {
                lease.hold();
                taken = true;
            }
            return withNumbers(result);
        } finally {
            if (!taken) {
                previous.takeBack();
            }
        }
    }

    /** Picks if the pool has room or the call already holds a permit. Does not wake queued calls. */
    private PickResult tryEnter(RequestContext context) {
        if (context.previous() instanceof Permit previous && previous.isOf(this) && previous.cede()) {
            return takeOver(previous, context);
        }
        if (!takePermit()) {
            return noRoom(context.tried(), Duration.ZERO);
        }
        boolean placed = false;
        try {
            PickResult result = pool.pick(context);
            if (result instanceof Permit lease) {
                lease.hold();
                placed = true;
            }
            return withNumbers(result);
        } finally {
            if (!placed) {
                IN_FLIGHT.getAndAdd(this, -1);
            }
        }
    }

    /** Acquires a permit by compare-and-set: a call that fails must not occupy one even for a moment. */
    private boolean takePermit() {
        for (int now = inFlight; now < limits.ofPool(); now = inFlight) {
            if (IN_FLIGHT.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Releases a permit. */
    public void leave() {
        IN_FLIGHT.getAndAdd(this, -1);
        wake();
    }

    // Queue.

    private boolean joinQueue() {
        for (int now = queued; now < queueSize(); now = queued) {
            if (QUEUED.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Removes a call from the queue. Returns true for the one thread that removed it. */
    private boolean leaveQueue(PendingAcquire call) {
        boolean left = call.leave();
        if (left) {
            call.queue.remove(call);
            QUEUED.getAndAdd(this, -1);
        }
        return left;
    }

    private void timeOut(PendingAcquire call) {
        if (leaveQueue(call)) {
            Duration waited = Duration.ofNanos(pool.nanoTime() - call.sinceNanos);
            call.end(noRoom(call.tried, waited));
        }
    }

    /** Admits queued calls: there may be room, or nothing to wait for any more. */
    public void wake() {
        if (queued == 0 || wakeUps.getAndIncrement() != 0) {
            return;
        }
        Deque<Admission> outer = UNDELIVERED.get();
        Deque<Admission> decisions = outer == null ? new ArrayDeque<>() : outer;
        boolean finished = false;
        try {
            int seen = 1;
            do {
                if (admitFrom(further, decisions)) {
                    admitFrom(first, decisions);
                }
                seen = wakeUps.addAndGet(-seen);
            } while (seen != 0);
            finished = true;
        } finally {
            if (!finished) {
                wakeUps.set(0);
            }
            if (outer == null) {
                deliver(decisions);
            }
        }
    }

    /** Admits calls of one queue. Returns false if there is no room for any call. */
    private boolean admitFrom(Queue<PendingAcquire> queue, Deque<Admission> decisions) {
        for (PendingAcquire call : queue) {
            if (call.isDone()) {
                continue;
            }
            PickResult result = decide(call);
            if (result instanceof Unavailable refused && isFull(refused)) {
                if (!call.particular || inFlight >= limits.ofPool() || !pool.hasRoom()) {
                    return false;
                }
                // There is room, but not for this call.
                continue;
            }
            if (leaveQueue(call)) {
                decisions.add(new Admission(call, result));
            } else if (result instanceof Lease lease) {
                lease.complete(Outcome.DISCARDED);
            }
        }
        return true;
    }

    private PickResult decide(PendingAcquire call) {
        try {
            return tryEnter(call.context);
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
            // The request's own code threw. On the request's own thread the caller would have got the exception.
            return pool.unavailable(call.tried, "the request's context threw " + Printable.of(e));
        }
    }

    /**
     * Delivers decisions in a loop instead of recursively: a caller may complete its lease at once and so admit the
     * next call.
     */
    private void deliver(Deque<Admission> decisions) {
        UNDELIVERED.set(decisions);
        try {
            for (Admission next = decisions.poll(); next != null; next = decisions.poll()) {
                next.call.end(next.result);
            }
        } finally {
            UNDELIVERED.remove();
            if (!decisions.isEmpty()) {
                deliver(decisions);
            }
        }
    }

    // Occupancy.

    private static boolean isFull(Unavailable refused) {
        return refused.occupancy() != null;
    }

    /** Refusal because the pool is full, or because it is closed. */
    private Unavailable noRoom(List<Backend> tried, Duration waited) {
        if (inFlight < limits.ofPool()) {
            Unavailable refused = pool.unavailable(tried, "");
            if (refused.occupancy() != null) {
                return withNumbers(refused, refused.occupancy(), waited);
            }
        }
        Unavailable refused = pool.unavailableAsAWhole(tried, "the pool is full");
        return pool.isClosed()
                ? refused
                : withNumbers(refused, new Occupancy(limits.ofPool(), inFlight, 0, 0, Duration.ZERO), waited);
    }

    private PickResult withNumbers(PickResult result) {
        return result instanceof Unavailable refused && refused.occupancy() != null
                ? withNumbers(refused, refused.occupancy(), Duration.ZERO)
                : result;
    }

    private Unavailable withNumbers(Unavailable refused, Occupancy calls, Duration waited) {
        return refused.withOccupancy(new Occupancy(calls.limit(), calls.inFlight(), queued, queueSize(), waited));
    }
}
