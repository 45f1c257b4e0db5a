package dev.evenkeel.lb.core.internal.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The calls at one backend that have started and not ended, and how many there may be: all that most picks look at, in the
 * first bytes of the object, so that looking at a backend costs one miss of the cache.
 *
 * <p>A call is {@link #started}, perhaps {@link #answered} while its body still streams, and {@link #ended}; these count
 * exactly.
 */
@SuppressWarnings("UnusedVariable") // the fields are used through their handles
public abstract class CallsInFlight {
    /** The ceiling of a backend that takes every call. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final VarHandle WAITING = field("waiting", long.class);
    private static final VarHandle STREAMS = field("streams", int.class);

    private long waiting = PackedWaitingCalls.NONE;
    private int streams;
    private volatile int ceiling = UNLIMITED;

    CallsInFlight() {}

    /**
     * A call begins.
     *
     * @param nowNanos the time, to be given again when it is answered or ends
     * @return how many others waited for their answer at that moment
     */
    public final int started(long nowNanos) {
        return PackedWaitingCalls.count((long) WAITING.getAndAdd(this, PackedWaitingCalls.one(nowNanos)));
    }

    /**
     * A call has its answer but goes on: it is in flight and waits no more, so that a long stream does not look like a
     * hang.
     *
     * @param startNanos when it started
     */
    public final void answered(long startNanos) {
        // In this order, and inFlight() in the other, a racing reader may count the call twice but never miss it.
        STREAMS.getAndAdd(this, 1);
        WAITING.getAndAdd(this, -PackedWaitingCalls.one(startNanos));
    }

    /**
     * A call ends.
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

    /**
     * Calls that have started and not ended.
     *
     * @return at least 0
     */
    public final int inFlight() {
        return PackedWaitingCalls.count((long) WAITING.getVolatile(this)) + (int) STREAMS.getVolatile(this);
    }

    /**
     * Calls that have been answered and go on.
     *
     * @return at least 0
     */
    protected final int streams() {
        return (int) STREAMS.getVolatile(this);
    }

    /**
     * The mean age of the calls without an answer.
     *
     * @param nowNanos the time
     * @return nanoseconds; 0 if nothing waits
     */
    public final double waitingNanos(long nowNanos) {
        return PackedWaitingCalls.meanNanos((long) WAITING.getVolatile(this), nowNanos);
    }

    /**
     * Sets how many calls there may be. Those in flight go on.
     *
     * @param most 0 if the backend is closed to new calls; {@link #UNLIMITED}, the default, if it takes every one
     */
    protected final void ceiling(int most) {
        ceiling = most;
    }

    /**
     * How many calls there may be.
     *
     * @return 0 to {@link #UNLIMITED}
     */
    protected final int ceiling() {
        return ceiling;
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(CallsInFlight.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
