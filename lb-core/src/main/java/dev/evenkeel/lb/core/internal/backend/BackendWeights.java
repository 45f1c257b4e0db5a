package dev.evenkeel.lb.core.internal.backend;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Immutable weights of a group's backends, in their order. A single number while all weights are equal, as in most
 * pools: an array would take twice the memory of the references, and would be copied at each change.
 */
public final class BackendWeights {
    private final double first;
    /** Null if all are equal to the first. */
    private final double @Nullable [] each;

    private BackendWeights(double first, double @Nullable [] each) {
        this.first = first;
        this.each = each;
    }

    /** The current weights of these backends; none for an empty list. */
    public static BackendWeights of(List<BackendState> nodes) {
        double first = nodes.isEmpty() ? 0 : nodes.get(0).weight();
        if (areAll(first, nodes)) {
            return new BackendWeights(first, null);
        }
        double[] each = new double[nodes.size()];
        for (int i = 0; i < each.length; i++) {
            each[i] = nodes.get(i).weight();
        }
        return new BackendWeights(first, each);
    }

    private static boolean areAll(double weight, List<BackendState> nodes) {
        for (BackendState node : nodes) {
            if (node.weight() != weight) {
                return false;
            }
        }
        return true;
    }

    public double get(int index) {
        return each == null ? first : each[index];
    }

    /** Whether all weights are equal, and equal to those of these backends. */
    public boolean areAlso(List<BackendState> nodes) {
        return each == null && areAll(first, nodes);
    }

    public static BackendWeights ofEach(double[] each) {
        return new BackendWeights(each[0], each);
    }

    /** Copies a run of weights. */
    public void copy(int from, double[] to, int at, int length) {
        if (each == null) {
            Arrays.fill(to, at, at + length, first);
        } else {
            System.arraycopy(each, from, to, at, length);
        }
    }

    /** Whether the first {@code size} weights of both are equal. */
    public boolean isSame(BackendWeights other, int size) {
        for (int i = 0; i < size; i++) {
            if (get(i) != other.get(i)) {
                return false;
            }
            if (each == null && other.each == null) {
                return true;
            }
        }
        return true;
    }
}
