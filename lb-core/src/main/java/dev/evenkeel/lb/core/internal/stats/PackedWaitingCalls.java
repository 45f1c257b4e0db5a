package dev.evenkeel.lb.core.internal.stats;

/**
 * The number of waiting calls and the sum of their start times, packed into one word, so that one atomic addition keeps
 * both consistent: a mean age taken from two words could be off by the whole age of the process.
 *
 * <p>The lower 18 bits count; the upper 46 hold Σ start in ticks of 8.192 µs, modulo 2^46. Only the difference
 * count·now − Σ start is used, so that both the sum and the clock may wrap. The difference is correct while it stays
 * below 2^45 ticks, which is 9 years: 32,768 calls may wait 2.4 hours each.
 */
final class PackedWaitingCalls {

    /** The word when no call waits. */
    static final long NONE = 0;

    private static final int COUNT_BITS = 18;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final int TICK_SHIFT = 13;
    private static final double TICK_NANOS = 1L << TICK_SHIFT;

    private PackedWaitingCalls() {}

    /** The amount to add to the word when a call starts, and to subtract when it ends. */
    static long one(long startNanos) {
        return ((startNanos >> TICK_SHIFT) << COUNT_BITS) + 1;
    }

    static int count(long word) {
        return (int) (word & COUNT_MASK);
    }

    /** The mean age; 0 if no call waits, or if a racing call started after {@code nowNanos} was read. */
    static double meanNanos(long word, long nowNanos) {
        int count = count(word);
        if (count == 0) {
            return 0;
        }
        long sumOfNow = count * (nowNanos >> TICK_SHIFT);
        long sumOfStart = word >> COUNT_BITS;
        // The shifts take the difference modulo 2^46, with its sign.
        long ticks = (sumOfNow - sumOfStart) << COUNT_BITS >> COUNT_BITS;
        return ticks <= 0 ? 0 : ticks * TICK_NANOS / count;
    }
}
