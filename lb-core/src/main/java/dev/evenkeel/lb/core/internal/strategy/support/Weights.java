package dev.evenkeel.lb.core.internal.strategy.support;

import dev.evenkeel.lb.spi.Candidate;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Immutable weights of candidates, in their order. A single number while all weights are equal, as in most pools: an
 * array would take twice the memory of the references, and would be copied and searched at each change.
 */
public final class Weights {
    private final int size;
    private final double first;
    /** Null if all are equal to the first. */
    private final double @Nullable [] each;

    private Weights(int size, double first, double @Nullable [] each) {
        this.size = size;
        this.first = first;
        this.each = each;
    }

    /**
     * Equal weights.
     *
     * @param size at least one
     */
    public static Weights even(int size, double weight) {
        return new Weights(size, weight, null);
    }

    /**
     * The given weights.
     *
     * @param each at least one; the array must not be written any more
     */
    public static Weights of(double... each) {
        for (double weight : each) {
            if (weight != each[0]) {
                return new Weights(each.length, each[0], each);
            }
        }
        return even(each.length, each[0]);
    }

    /** Weights by a function of the index. */
    public static Weights of(int size, IntToDoubleFunction weight) {
        double[] each = new double[size];
        Arrays.setAll(each, weight);
        return of(each);
    }

    /**
     * The effective weight. For a strategy that ignores configured weights it is the effect of slow start and the
     * pool's policies on them: a backend that warms up is protected under every strategy.
     */
    public static double effective(Candidate candidate, boolean weighted) {
        return weighted
                ? candidate.weight()
                : candidate.weight() / candidate.backend().weight();
    }

    public int size() {
        return size;
    }

    public double get(int index) {
        return each == null ? first : each[index];
    }

    public double sum() {
        if (each == null) {
            return first * size;
        }
        double sum = 0;
        for (double weight : each) {
            sum += weight;
        }
        return sum;
    }

    public boolean areEven() {
        return each == null;
    }

    /** For readers of all weights; must not be written. */
    public double[] toArray() {
        if (each != null) {
            return each;
        }
        double[] array = new double[size];
        Arrays.fill(array, first);
        return array;
    }

    public boolean isSame(Weights other) {
        return size == other.size && first == other.first && Arrays.equals(each, other.each);
    }

    /** Whether a run of weights equals a run of others. */
    boolean isSame(int from, int length, Weights other, int start) {
        if (each == null && other.each == null) {
            return first == other.first;
        }
        for (int i = 0; i < length; i++) {
            if (get(from + i) != other.get(start + i)) {
                return false;
            }
        }
        return true;
    }

    /** Copies a run of weights. */
    void copy(int from, double[] to, int at, int length) {
        if (each == null) {
            Arrays.fill(to, at, at + length, first);
        } else {
            System.arraycopy(each, from, to, at, length);
        }
    }
}
