package dev.evenkeel.lb.core.internal.strategy.support;

/**
 * Draws d distinct ones of n without remembering the drawn ones: the list is a ring, cut into d arcs from a random
 * point, and each arc gives one. All n are equally likely.
 */
public final class StratifiedSampler {

    private final int n;
    private final int[] starts;

    public StratifiedSampler(int n, int draws) {
        this.n = n;
        int d = Math.min(n, draws);
        this.starts = new int[d + 1];
        for (int i = 0; i <= d; i++) {
            starts[i] = (int) ((long) i * n / d);
        }
    }

    public int draws() {
        return starts.length - 1;
    }

    /** The draw from one arc, where the first one begins at {@code origin}, below n. */
    public int draw(int arc, int origin, long word) {
        int start = starts[arc];
        int index = origin + start + RandomBits.below(word, starts[arc + 1] - start);
        return index < n ? index : index - n;
    }
}
