package dev.evenkeel.lb.core.internal.strategy.support;

/**
 * A coarse clock in an {@code int}, which is always read and written whole: 2^20 ns, about a millisecond. It wraps
 * after 52 days, so only differences are meaningful.
 */
public final class CoarseClock {

    private static final int SHIFT = 20;

    private CoarseClock() {}

    public static int of(long nanos) {
        return (int) (nanos >> SHIFT);
    }

    public static int ofMillis(long millis) {
        return of(millis * 1_000_000);
    }

    /** Whether so much time has passed since then. A time in the future, because of a race, counts as long ago. */
    public static boolean passed(int since, int now, int ticks) {
        return Integer.compareUnsigned(now - since, ticks) >= 0;
    }
}
