package dev.evenkeel.lb.core.internal.strategy.support;

/** Makes many small draws from one random word, so that a pick uses the pool's generator once. */
public final class RandomBits {

    private RandomBits() {}

    /** The next word: Knuth's linear congruential generator, of which only the upper half is used. */
    public static long next(long word) {
        return word * 6364136223846793005L + 1442695040888963407L;
    }

    /** A number below the bound, from the lower half of the word, which must be a generator's own. */
    public static int belowByLower(long word, int bound) {
        return (int) (((word & 0xFFFF_FFFFL) * bound) >>> 32);
    }

    /** A number below the bound, from the upper half of the word. */
    public static int below(long word, int bound) {
        return (int) (((word >>> 32) * bound) >>> 32);
    }
}
