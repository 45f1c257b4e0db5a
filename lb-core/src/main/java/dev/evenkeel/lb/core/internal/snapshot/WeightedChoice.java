package dev.evenkeel.lb.core.internal.snapshot;

import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among a few alternatives in proportion to their weights. Takes no lock and allocates nothing; with a single
 * positive weight it does no work.
 *
 * <p>By default it chooses at random: threads share no state, and no rhythm of a caller can interfere. It takes turns
 * where an exact proportion was asked for. A request with an affinity chooses by it.
 */
public final class WeightedChoice {
    /** Always chooses the only alternative. */
    static final WeightedChoice FIRST = new WeightedChoice(new long[] {1}, null);

    /**
     * The maximum length of a stored sequence. Beyond it, turns follow multiples of the golden ratio, which spread
     * nearly as evenly.
     */
    private static final int MAX = 1_000;

    private final int only;
    private final double[] cumulative;
    private final short @Nullable [] sequence;
    private final @Nullable AtomicInteger turn;

    private WeightedChoice(long[] weights, @Nullable AtomicInteger turn) {
        this.cumulative = new double[weights.length];
        double sum = 0;
        int positive = 0;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            cumulative[i] = sum;
            if (weights[i] > 0) {
                positive++;
                last = i;
            }
        }
        for (int i = 0; i < weights.length && sum > 0; i++) {
            cumulative[i] = i >= last ? 1 : cumulative[i] / sum;
        }
        this.only = positive > 1 ? -1 : last;
        this.turn = only < 0 ? turn : null;
        this.sequence = this.turn == null ? null : sequence(weights);
    }

    /** Chooses at random; always the first if no weight is positive. */
    static WeightedChoice random(long[] weights) {
        return new WeightedChoice(weights, null);
    }

    /** Takes turns by earliest deadline: the k-th turn of a weight p is due at k/p. Continues from {@code turn}. */
    static WeightedChoice inTurns(long[] weights, AtomicInteger turn) {
        return new WeightedChoice(weights, turn);
    }

    public int next(RequestRandom request, int salt) {
        if (only >= 0) {
            return only;
        }
        AtomicInteger counter = turn;
        if (counter == null || request.affinity() != null) {
            return at(request.random(salt));
        }
        int number = counter.getAndIncrement();
        short[] turns = sequence;
        return turns != null
                ? turns[Integer.remainderUnsigned(number, turns.length)]
                : at(DeterministicRandom.ofGoldenRatio(number));
    }

    private int at(double lot) {
        int index = 0;
        while (lot >= cumulative[index]) {
            index++;
        }
        return index;
    }

    private static short @Nullable [] sequence(long[] weights) {
        BigInteger common = BigInteger.ZERO;
        double sum = 0;
        for (long weight : weights) {
            common = common.gcd(BigInteger.valueOf(weight));
            sum += weight;
        }
        double divisor = common.doubleValue();
        if (sum / divisor > MAX) {
            return null;
        }
        int length = (int) (sum / divisor);
        short[] turns = new short[length];
        long[] due = new long[weights.length];
        for (int i = 0; i < length; i++) {
            int earliest = -1;
            for (int j = 0; j < weights.length; j++) {
                if (weights[j] > 0
                        && (earliest < 0
                                || (double) (due[j] + 1) / weights[j]
                                        < (double) (due[earliest] + 1) / weights[earliest])) {
                    earliest = j;
                }
            }
            due[earliest]++;
            turns[i] = (short) earliest;
        }
        return turns;
    }
}
