package dev.evenkeel.lb.core.strategy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * nginx's smooth weighted round robin, played once over a whole cycle and kept as an array. At any point of the cycle each
 * candidate has had its share of the turns to within one.
 *
 * <p>A cycle of {@link #MAX_TURNS} indices is 32 KB, which still fits the first-level cache; playing it takes n steps a
 * turn, and {@link #MAX_STEPS} of them take about a millisecond. Longer cycles are {@link PhasedStride}'s.
 */
final class SmoothCycle implements Sequence {
    static final int MAX_TURNS = 8_192;
    static final int MAX_STEPS = 1 << 20;

    private final int[] turns;
    private final AtomicInteger counter;

    private SmoothCycle(int[] turns, int start) {
        this.turns = turns;
        this.counter = new AtomicInteger(start);
    }

    /**
     * Goes on at the same part of the cycle as the previous one; its lag is then what both lags are, below one. Rounding at
     * random keeps frequent changes from holding the rotation in one place.
     */
    static SmoothCycle of(int[] weights, RandomGenerator random, @Nullable Sequence previous) {
        int[] turns = play(weights);
        int start = random.nextInt(turns.length);
        if (previous instanceof SmoothCycle before) {
            double position = before.position() * (double) turns.length / before.turns.length;
            start = (int) position;
            if (position > start && random.nextDouble() < position - start) {
                start++;
            }
        }
        return new SmoothCycle(turns, start);
    }

    @Override
    public int next() {
        int[] cycle = turns;
        return cycle[Integer.remainderUnsigned(counter.getAndIncrement(), cycle.length)];
    }

    private int position() {
        return Integer.remainderUnsigned(counter.get(), turns.length);
    }

    /** The weights divided by what they have in common; null if they are not whole or the cycle is too long. */
    static int @Nullable [] reduced(double[] weights) {
        int divisor = 0;
        for (double weight : weights) {
            if (weight != Math.rint(weight) || weight > Integer.MAX_VALUE) {
                return null;
            }
            divisor = divisor(divisor, (int) weight);
        }
        int[] reduced = new int[weights.length];
        long turns = 0;
        for (int i = 0; i < reduced.length; i++) {
            reduced[i] = (int) weights[i] / divisor;
            turns += reduced[i];
        }
        return turns <= MAX_TURNS && turns * reduced.length <= MAX_STEPS ? reduced : null;
    }

    private static int divisor(int a, int b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    private static int[] play(int[] weights) {
        int total = 0;
        for (int weight : weights) {
            total += weight;
        }
        int[] turns = new int[total];
        int[] credit = new int[weights.length];
        for (int turn = 0; turn < total; turn++) {
            int best = 0;
            for (int i = 0; i < credit.length; i++) {
                credit[i] += weights[i];
                if (credit[i] > credit[best]) {
                    best = i;
                }
            }
            credit[best] -= total;
            turns[turn] = best;
        }
        return turns;
    }
}
