package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.TurnCounter;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * nginx's smooth weighted round robin, computed once for a whole cycle and kept as an array. At any point of the cycle
 * each candidate has had its share of the turns to within one.
 *
 * <p>A cycle of {@link #MAX_TURNS} indices is 32 KB, which still fits into the first-level cache. A turn takes n steps
 * to compute, and {@link #MAX_STEPS} of them take about a millisecond. {@link SpacedSchedule} has the longer cycles. If
 * all weights are equal, the cycle is the candidates' order, however many, without an array.
 *
 * <p>The rule gives candidates of one weight their turns in a row: of 500 with the weights 1, 2 and 3, more than 100 calls one
 * after the other go to the ones of weight 1. So it is not for two weights or more that many candidates have.
 */
final class SmoothWeightedSchedule implements WeightedSchedule {
    static final int MAX_TURNS = 8_192;
    static final int MAX_STEPS = 1 << 20;
    /** So many candidates of one weight, and of another one, may have their turns in a row. */
    static final int MAX_ROW = 32;

    private static final int[] IN_ORDER = {};

    /** Empty if all take turns in their order. */
    private final int[] turns;

    private final int length;
    private final TurnCounter counter;

    private SmoothWeightedSchedule(int[] turns, int length, int start) {
        this.turns = turns;
        this.length = length;
        this.counter = new TurnCounter(start);
    }

    /** The cycle for weights that are {@link #reduced}. */
    static SmoothWeightedSchedule of(int[] weights, RandomGenerator random, @Nullable WeightedSchedule previous) {
        int[] turns = play(weights);
        return new SmoothWeightedSchedule(turns, turns.length, start(turns.length, random, previous));
    }

    /**
     * The cycle of candidates of equal weight. If the previous schedule was one, too, it continues at the same
     * candidate.
     */
    static SmoothWeightedSchedule even(
            int candidates, RandomGenerator random, @Nullable WeightedSchedule previous, CandidateListDiff takeover) {
        int start = previous instanceof SmoothWeightedSchedule before && before.turns.length == 0 && takeover.isKnown()
                ? takeover.move(before.position())
                : start(candidates, random, previous);
        return new SmoothWeightedSchedule(IN_ORDER, candidates, start);
    }

    /**
     * Starts at the same part of the cycle as the previous schedule. Its lag is then the sum of both lags, below one.
     * Random rounding prevents frequent changes from holding the rotation at one candidate.
     */
    private static int start(int length, RandomGenerator random, @Nullable WeightedSchedule previous) {
        if (!(previous instanceof SmoothWeightedSchedule before)) {
            return random.nextInt(length);
        }
        double position = before.position() * (double) length / before.length;
        int start = (int) position;
        return position > start && random.nextDouble() < position - start ? start + 1 : start;
    }

    @Override
    public int next() {
        int turn = Integer.remainderUnsigned((int) counter.next(), length);
        int[] cycle = turns;
        return cycle.length == 0 ? turn : cycle[turn];
    }

    private int position() {
        return Integer.remainderUnsigned((int) counter.get(), length);
    }

    /**
     * The weights divided by their greatest common divisor; null if they are not whole, if the cycle is too long, or too many
     * have turns in a row.
     */
    static int @Nullable [] reduced(double[] weights) {
        if ((long) weights.length * weights.length > MAX_STEPS) {
            return null;
        }
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
        return turns <= MAX_TURNS && turns * reduced.length <= MAX_STEPS && secondRow(reduced) <= MAX_ROW
                ? reduced
                : null;
    }

    /** How many candidates have the second most frequent weight. */
    private static int secondRow(int[] weights) {
        int[] sorted = weights.clone();
        Arrays.sort(sorted);
        int longest = 0;
        int second = 0;
        int begin = 0;
        for (int i = 1; i <= sorted.length; i++) {
            if (i == sorted.length || sorted[i] != sorted[begin]) {
                int row = i - begin;
                second = Math.max(second, Math.min(longest, row));
                longest = Math.max(longest, row);
                begin = i;
            }
        }
        return second;
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
