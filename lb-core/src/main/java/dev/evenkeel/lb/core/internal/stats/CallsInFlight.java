package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts the calls in flight at one backend and its successes, and holds the limit. These are the only fields that most picks
 * read and that each call writes. They are in the first bytes of the object: so reading a backend costs one cache miss, and a
 * call takes one line from other processors.
 *
 * <p>A call is {@link #started}, perhaps {@link #answered} while its body still streams, and {@link #ended}. These
 * methods count exactly.
 */
@SuppressWarnings("UnusedVariable") // the fields are used through their handles
public abstract class CallsInFlight {
    /** The limit of a backend that takes every call. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final VarHandle WAITING = VarHandles.field(MethodHandles.lookup(), "waiting", long.class);
    private static final VarHandle SUCCESSES = VarHandles.field(MethodHandles.lookup(), "successes", long.class);
    private static final VarHandle STREAMS = VarHandles.field(MethodHandles.lookup(), "streams", int.class);

    private long waiting = PackedWaitingCalls.NONE;
    private long successes;
    private int streams;
    private volatile int ceiling = UNLIMITED;

    CallsInFlight() {}

    /**
     * Counts a call that begins.
     *
     * @param nowNanos the time, to be passed again when the call is answered or ends
     * @return how many other calls were waiting for their response at that moment
     */
    public final int started(long nowNanos) {
        return PackedWaitingCalls.count((long) WAITING.getAndAdd(this, PackedWaitingCalls.one(nowNanos)));
    }

    /**
     * Records that a call has its response but goes on. It stays in flight and is not waiting any more, so that a long
     * stream does not look like a hang.
     *
     * @param startNanos when it started
     */
    public final void answered(long startNanos) {
        // In this order, while inFlight() reads in the opposite one: a racing reader may count the call twice but never
        // misses it.
        STREAMS.getAndAdd(this, 1);
        WAITING.getAndAdd(this, -PackedWaitingCalls.one(startNanos));
    }

    /**
     * Counts a call that ends.
     *
     * @param startNanos when it started
     * @param answered whether it was {@link #answered} before
     */
    public final void ended(long startNanos, boolean answered) {
        if (answered) {
            STREAMS.getAndAdd(this, -1);
        } else {
            WAITING.getAndAdd(this, -PackedWaitingCalls.one(startNanos));
        }
    }

    /** Counts a call that ends well. */
    protected final void countSuccess() {
        SUCCESSES.getAndAdd(this, 1L);
    }

    /**
     * The number of calls that ended well.
     *
     * @return at least 0
     */
    protected final long successes() {
        return (long) SUCCESSES.getVolatile(this);
    }

    /**
     * Goes on counting.
     *
     * @param before the number of calls that ended well before
     */
    protected final void successes(long before) {
        successes = before;
    }

    /**
     * The number of calls that have started and not ended.
     *
     * @return at least 0
     */
    public final int inFlight() {
        return PackedWaitingCalls.count((long) WAITING.getVolatile(this)) + (int) STREAMS.getVolatile(this);
    }

    /**
     * The number of calls that have been answered and go on.
     *
     * @return at least 0
     */
    protected final int streams() {
        return (int) STREAMS.getVolatile(this);
    }

    /**
     * The mean age of the calls that wait for their response.
     *
     * @param nowNanos the time
     * @return nanoseconds; 0 if no call waits
     */
    public final double waitingNanos(long nowNanos) {
        return PackedWaitingCalls.meanNanos((long) WAITING.getVolatile(this), nowNanos);
    }

    /**
     * Sets the limit of calls in flight. Calls in flight go on.
     *
     * @param most 0 if the backend is closed to new calls; {@link #UNLIMITED}, the default, if it takes every one
     */
    protected final void ceiling(int most) {
        ceiling = most;
    }

    /**
     * The limit of calls in flight.
     *
     * @return 0 to {@link #UNLIMITED}
     */
    protected final int ceiling() {
        return ceiling;
    }
}
