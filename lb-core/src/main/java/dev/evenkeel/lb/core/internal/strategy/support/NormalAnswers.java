package dev.evenkeel.lb.core.internal.strategy.support;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Times at which the latest calls of a pool ended normally: the witnesses without which a late call says nothing of its
 * backend. While the client itself pauses, in a garbage collection or for want of a processor, no call ends.
 *
 * <p>A ring of eight times. Threads write it without a lock: of two that race one time may be lost, and no time is ever
 * torn. Responses that come close together are one entry, so that a busy pool mostly reads the ring.
 */
public final class NormalAnswers {

    private static final int SIZE = 8;
    /** 128 bytes of padding on both sides: the ring is written on the call path. */
    private static final int FIRST = 16;

    private static final int COUNT = FIRST + SIZE;
    /** The minimum distance of two entries, as a part of the pool's 95th percentile. */
    private static final double SPACING = 1.0 / 32;
    /** The minimum distance in any pool. */
    private static final double MIN_SPACING_NANOS = 10_000;

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] slots = new long[COUNT + FIRST];

    /** Records that a call has ended normally. */
    public void add(long nowNanos, double poolP95Nanos) {
        long count = get(COUNT);
        double spacing = Math.max(MIN_SPACING_NANOS, poolP95Nanos * SPACING);
        if (count > 0 && nowNanos - get(slot(count - 1)) <= spacing) {
            return;
        }
        SLOT.setOpaque(slots, slot(count), nowNanos);
        // After the time, so that a reader of the count finds a time there.
        SLOT.setRelease(slots, COUNT, count + 1);
    }

    /** Whether another call has ended normally since a call that ends now was overdue: since its start + the percentile. */
    public boolean hasWitness(long latencyNanos, double poolP95Nanos, long nowNanos) {
        return anyBetween(nowNanos - latencyNanos + (long) poolP95Nanos, nowNanos);
    }

    /** Whether a call ended normally after one time and before another. */
    boolean anyBetween(long afterNanos, long beforeNanos) {
        long entries = Math.min(SIZE, (long) SLOT.getAcquire(slots, COUNT));
        for (int i = 0; i < entries; i++) {
            long endNanos = get(FIRST + i);
            if (endNanos - afterNanos > 0 && beforeNanos - endNanos > 0) {
                return true;
            }
        }
        return false;
    }

    private static int slot(long count) {
        return FIRST + (int) (count & (SIZE - 1));
    }

    private long get(int index) {
        return (long) SLOT.getOpaque(slots, index);
    }
}
