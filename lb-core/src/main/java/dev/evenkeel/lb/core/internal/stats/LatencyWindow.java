package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Samples of one window, since the previous read: the median latency, the number of refusals for want of capacity, and
 * the maximum of calls in flight. Calls write without a lock; a sample that is recorded during a read may be lost or
 * count in the next window.
 */
@SuppressWarnings("UnusedVariable") // the fields are used through their handles
final class LatencyWindow {
    private static final int SIZE = 128;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ANSWERS = VarHandles.field(MethodHandles.lookup(), "answers", int.class);
    private static final VarHandle DROPS = VarHandles.field(MethodHandles.lookup(), "drops", int.class);
    private static final VarHandle MAX_IN_FLIGHT = VarHandles.field(MethodHandles.lookup(), "mostInFlight", int.class);

    private final long[] latencies = new long[SIZE];
    private int answers;
    private int drops;
    private int mostInFlight;

    void add(Outcome outcome, long latencyNanos, int inFlight) {
        switch (outcome) {
            case SUCCESS -> {
                int index = (int) ANSWERS.getAndAdd(this, 1);
                SLOT.setOpaque(latencies, index & (SIZE - 1), Math.max(1, latencyNanos));
                if (inFlight > (int) MAX_IN_FLIGHT.getOpaque(this)) {
                    MAX_IN_FLIGHT.setOpaque(this, inFlight);
                }
            }
            case TIMED_OUT, THROTTLED -> DROPS.getAndAdd(this, 1);
            // Their end says nothing about the time that the server needed.
            default -> {}
        }
    }

    int answers() {
        return (int) ANSWERS.getVolatile(this);
    }

    int drops() {
        return (int) DROPS.getVolatile(this);
    }

    int mostInFlight() {
        return (int) MAX_IN_FLIGHT.getOpaque(this);
    }

    /** The median of the window's responses; meaningless without any. */
    long medianNanos() {
        int count = Math.min(SIZE, answers());
        long[] sorted = new long[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = Math.max(1, (long) SLOT.getOpaque(latencies, i));
        }
        Arrays.sort(sorted);
        return sorted[count / 2];
    }

    void clear() {
        ANSWERS.setVolatile(this, 0);
        DROPS.setVolatile(this, 0);
        MAX_IN_FLIGHT.setOpaque(this, 0);
    }
}
