package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A whole cycle kept as an array, for lists that are too long to play {@link SmoothCycle}'s: the k-th of a candidate's w turns is
 * at (k + phase)/w of the cycle, with a random phase each. What a candidate has had is within one turn of its share of the way
 * round, and one within a few hundredths of its share of the turns.
 *
 * <p>A pick is one count and one look-up, whatever the weights; {@link PhasedStride} takes several of its turns for a pick, and a
 * division each. The array takes 4 bytes a turn.
 */
final class SpacedCycle implements Sequence {
    static final int MAX_TURNS = 1 << 16;
    private static final int INDEX_BITS = 17;

    private final int[] turns;
    private final AtomicInteger counter;
    /** By candidate, so that one keeps its place in the cycle when others change. */
    private final Map<Candidate, Double> phases;

    private SpacedCycle(int[] turns, int start, Map<Candidate, Double> phases) {
        this.turns = turns;
        this.counter = new AtomicInteger(start);
        this.phases = phases;
    }

    /** How many turns a cycle has, divided by what the weights have in common; 0 if they are not whole or it is too long. */
    static int turns(double[] weights) {
        long divisor = divisor(weights);
        if (divisor == 0) {
            return 0;
        }
        double sum = 0;
        for (double weight : weights) {
            sum += weight / divisor;
        }
        return sum <= MAX_TURNS ? (int) sum : 0;
    }

    private static long divisor(double[] weights) {
        long divisor = 0;
        for (double weight : weights) {
            if (weight != Math.rint(weight) || weight > Integer.MAX_VALUE) {
                return 0;
            }
            divisor = divisor(divisor, (long) weight);
        }
        return divisor;
    }

    private static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    /** Goes on at the same part of the cycle as the previous one. */
    static SpacedCycle of(
            Candidate[] candidates, double[] weights, int length, RandomGenerator random, @Nullable Sequence previous) {
        SpacedCycle before = previous instanceof SpacedCycle spaced ? spaced : null;
        Map<Candidate, Double> phases = new HashMap<>(candidates.length * 2);
        long[] due = new long[length];
        long divisor = divisor(weights);
        int at = 0;
        for (int i = 0; i < candidates.length; i++) {
            Double known = before == null ? null : before.phases.get(candidates[i]);
            double phase = known == null ? random.nextDouble() : known;
            phases.put(candidates[i], phase);
            int share = (int) ((long) weights[i] / divisor);
            for (int k = 0; k < share; k++) {
                due[at++] = place((k + phase) / share) | i;
            }
        }
        Arrays.sort(due);
        double position = before == null ? random.nextDouble() : before.position();
        int[] turns = new int[length];
        int start = 0;
        for (int i = 0; i < length; i++) {
            turns[i] = (int) (due[i] & ((1 << INDEX_BITS) - 1));
            if (due[i] < place(position)) {
                start = i + 1;
            }
        }
        return new SpacedCycle(turns, start, phases);
    }

    /** A part of the cycle, in the upper bits, to be sorted by. */
    private static long place(double part) {
        return (long) (part * (1L << (62 - INDEX_BITS))) << INDEX_BITS;
    }

    @Override
    public int next() {
        int[] cycle = turns;
        return cycle[Integer.remainderUnsigned(counter.getAndIncrement(), cycle.length)];
    }

    private double position() {
        return (double) Integer.remainderUnsigned(counter.get(), turns.length) / turns.length;
    }
}
