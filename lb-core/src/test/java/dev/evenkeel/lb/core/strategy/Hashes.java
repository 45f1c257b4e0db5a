package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.core.internal.strategy.hash.XxHash64;

/** The hash function, for tests outside of this package that rebuild what others do with it. */
public final class Hashes {
    private Hashes() {}

    public static long xxHash64(String text, long seed) {
        return XxHash64.hash(text, seed);
    }
}
