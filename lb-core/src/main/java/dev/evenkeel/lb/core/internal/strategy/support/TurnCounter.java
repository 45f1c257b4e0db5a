package dev.evenkeel.lb.core.internal.strategy.support;

import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.CacheLinePadding;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The number of a rotation's next turn. Many threads count it up, so it has its cache lines for itself: beside an
 * {@code AtomicLong} lie the fields of whatever was made next, such as the picker that each pick reads.
 */
public final class TurnCounter extends CacheLinePadding {

    private static final VarHandle TURN = VarHandles.field(MethodHandles.lookup(), "turn", long.class);

    @SuppressWarnings("UnusedVariable") // read through its handle
    private long turn;

    long q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

    public TurnCounter(long first) {
        turn = first;
    }

    /** Takes the next turn: no two threads get the same one. */
    public long next() {
        return (long) TURN.getAndAdd(this, 1L);
    }

    /** The turn that is next. */
    public long get() {
        return (long) TURN.getOpaque(this);
    }

    /** Goes on at a turn. Of threads that race, one wins. */
    public void set(long next) {
        TURN.setOpaque(this, next);
    }
}
