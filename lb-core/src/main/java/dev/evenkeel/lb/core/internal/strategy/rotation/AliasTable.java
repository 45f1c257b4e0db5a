package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import java.util.random.RandomGenerator;

/**
 * Draws an index in proportion to weights in constant time: Walker's alias method, built by Vose's algorithm (IEEE
 * Transactions on Software Engineering 17, 1991). Immutable.
 */
public final class AliasTable {
    /** Empty if all weights are equal: then every column is its own index. */
    private final int[] alias;

    private final int columns;
    /** Below it the column's own index is drawn, else its alias; in units of 2^-32. */
    private final long[] threshold;

    public AliasTable(Weights weights) {
        columns = weights.size();
        int n = weights.areEven() ? 0 : columns;
        alias = new int[n];
        threshold = new long[n];
        if (n == 0) {
            return;
        }
        double[] column = columns(weights.toArray());
        int[] order = new int[n];
        int small = 0;
        int large = n;
        for (int i = 0; i < n; i++) {
            if (column[i] < 1) {
                order[small++] = i;
            } else {
                order[--large] = i;
            }
        }
        // The small ones are at the front of the order and the large ones at its end; they meet when all are paired.
        int next = 0;
        while (next < small && large < n) {
            int less = order[next++];
            int more = order[large];
            threshold[less] = (long) (column[less] * 0x1p32);
            alias[less] = more;
            column[more] -= 1 - column[less];
            if (column[more] < 1) {
                large++;
                order[--next] = more;
            }
        }
        // Columns left over by rounding are full.
        while (next < small) {
            fill(order[next++]);
        }
        while (large < n) {
            fill(order[large++]);
        }
    }

    public int draw(RandomGenerator random) {
        long bits = random.nextLong();
        int column = (int) (((bits >>> 32) * columns) >>> 32);
        return alias.length == 0 || (bits & 0xFFFF_FFFFL) < threshold[column] ? column : alias[column];
    }

    private void fill(int column) {
        threshold[column] = 1L << 32;
        alias[column] = column;
    }

    /** The weights, scaled to a mean of 1. */
    private static double[] columns(double[] weights) {
        double largest = 0;
        for (double weight : weights) {
            largest = Math.max(largest, weight);
        }
        double sum = 0;
        for (double weight : weights) {
            sum += weight / largest;
        }
        double[] columns = new double[weights.length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = weights[i] / largest / sum * columns.length;
        }
        return columns;
    }
}
