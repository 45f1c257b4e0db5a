package dev.evenkeel.lb.core.strategy;

/**
 * A coarse clock in an {@code int}, which is always read and written whole: 2^20 ns, about a millisecond. It wraps after 52
 * days, so only differences have a meaning.
 */
final class Ticks {

    private static final int SHIFT = 20;

    private Ticks() {}

    static int of(long nanos) {
        return (int) (nanos >> SHIFT);
    }

    static int ofMillis(long millis) {
        return of(millis * 1_000_000);
    }

    /** Whether so much time has passed since then; a time that lies ahead by a race counts as long ago. */
    static boolean passed(int since, int now, int ticks) {
        return Integer.compareUnsigned(now - since, ticks) >= 0;
    }
}
