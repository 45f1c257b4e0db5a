package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import java.util.Arrays;

/**
 * The weights of candidates under a hash, split in two so that slow start moves no keys but its own. The base is the
 * configured weight: it lays out the table. The rest is admission: a candidate at 30 % of its weight takes 30 % of its
 * keys, always the same ones and more of them as it warms up, and passes the others on.
 *
 * <p>Where most keys would be passed on, the effective weights are the base after all.
 */
final class HashWeights {
    private static final long ALL = 1L << 53;

    /** One a candidate, greater than 0 and finite. */
    final double[] base;

    private final long[] admitted;
    private final long[] salts;

    private HashWeights(double[] base, long[] admitted, long[] salts) {
        this.base = base;
        this.admitted = admitted;
        this.salts = salts;
    }

    static HashWeights of(Candidate[] candidates) {
        int n = candidates.length;
        double[] weights = new double[n];
        double[] base = new double[n];
        long[] salts = new long[n];
        double highest = 0;
        for (int i = 0; i < n; i++) {
            weights[i] = candidates[i].weight();
            base[i] = Math.max(candidates[i].backend().weight(), Math.ceil(weights[i]));
            salts[i] = XxHash64.hash(candidates[i].backend().id(), 2);
            highest = Math.max(highest, weights[i] / base[i]);
        }
        double taken = 0;
        double offered = 0;
        long[] admitted = new long[n];
        for (int i = 0; i < n; i++) {
            double share = weights[i] / base[i] / highest;
            admitted[i] = (long) (share * ALL);
            taken += base[i] * share;
            offered += base[i];
        }
        if (taken < 0.25 * offered) {
            Arrays.fill(admitted, ALL);
            base = weights;
        }
        return new HashWeights(base, admitted, salts);
    }

    /** Whether a candidate takes the key of a hash now. */
    boolean admits(int candidate, long hash) {
        long part = admitted[candidate];
        return part == ALL || XxHash64.mix(hash ^ salts[candidate]) >>> 11 < part;
    }
}
