package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * Weights of candidates under a hash, split in two so that slow start moves no keys but its own. The base is the
 * configured weight: it lays out the table. The other part is admission: a candidate at 30 % of its weight takes 30 %
 * of the keys that come to it, always the same ones and more of them as it warms up, and passes the other keys on. A key
 * that comes to it again is drawn again: so its share is that of its weight, also in a pool of two.
 *
 * <p>If most keys would be passed on, the effective weights are the base.
 */
final class HashWeights {
    private static final long ALL = 1L << 53;
    private static final long[] NONE = {};

    /** One per candidate, greater than 0 and finite. */
    final Weights base;

    final Weights effective;
    private final Weights configured;
    /** Empty if each candidate takes all of its keys. */
    private final long[] admitted;

    private final long[] salts;

    private HashWeights(Weights base, Weights effective, Weights configured, long[] admitted, long[] salts) {
        this.base = base;
        this.effective = effective;
        this.configured = configured;
        this.admitted = admitted;
        this.salts = salts;
    }

    /**
     * The weights of candidates. The weights of unchanged candidates are copied from the previous object.
     *
     * @param takeover from the previous candidates
     */
    static HashWeights of(Candidate[] candidates, @Nullable HashWeights before, CandidateListDiff takeover) {
        int n = candidates.length;
        Weights effective = takeover.weights(before == null ? null : before.effective, n, i -> candidates[i].weight());
        boolean whole = before == null || !takeover.isKnown() || before.isWhole();
        for (int i : takeover.changed()) {
            whole &= effective.get(i) == configured(candidates[i]);
        }
        if (whole) {
            return new HashWeights(effective, effective, effective, NONE, NONE);
        }
        Weights configured =
                takeover.weights(before == null ? null : before.configured, n, i -> configured(candidates[i]));
        double highest = 0;
        for (int i = 0; i < n; i++) {
            highest = Math.max(highest, effective.get(i) / configured.get(i));
        }
        double taken = 0;
        double offered = 0;
        long[] admitted = new long[n];
        long[] salts = new long[n];
        for (int i = 0; i < n; i++) {
            double share = effective.get(i) / configured.get(i) / highest;
            admitted[i] = (long) (share * ALL);
            salts[i] = admitted[i] == ALL
                    ? 0
                    : XxHash64.hash(candidates[i].backend().id(), 2);
            taken += configured.get(i) * share;
            offered += configured.get(i);
        }
        return taken < 0.25 * offered
                ? new HashWeights(effective, effective, configured, NONE, NONE)
                : new HashWeights(configured, effective, configured, admitted, salts);
    }

    /** Whether each candidate has all of its configured weight. */
    @SuppressWarnings("ReferenceEquality") // It is one object then.
    private boolean isWhole() {
        return effective == configured;
    }

    private static double configured(Candidate candidate) {
        return Math.max(candidate.backend().weight(), Math.ceil(candidate.weight()));
    }

    /**
     * Whether a candidate takes a key now.
     *
     * @param hash of the key, another one each time that the key comes to a candidate
     */
    boolean admits(int candidate, long hash) {
        if (admitted.length == 0) {
            return true;
        }
        long part = admitted[candidate];
        return part == ALL || XxHash64.mix(hash ^ salts[candidate]) >>> 11 < part;
    }
}
