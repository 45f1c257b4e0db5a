package dev.evenkeel.lb.core.internal.snapshot;

/**
 * The shares of a tier's traffic that go to its zones. Follows Envoy's zone-aware and locality-weighted arithmetic,
 * integer divisions included. All arrays have one entry per zone, in the same order.
 */
public final class ZoneTrafficShares {

    /** Envoy calculates in hundredths of a percent here. */
    private static final long WHOLE = 10_000;

    private ZoneTrafficShares() {}

    /**
     * Prefers the local zone.
     *
     * @param callers the number of callers in each zone
     * @param capacity the healthy part of each zone, in backends or in weights
     * @param callersElsewhere the number of callers in zones that are not in the arrays
     * @param local the index of the local zone; -1 if it is not in the arrays
     * @return relative shares, not negative; all 0 only if there is no capacity
     */
    public static long[] preferLocal(long[] callers, long[] capacity, long callersElsewhere, int local) {
        long[] demand = shares(callers, callersElsewhere);
        long[] supply = shares(capacity, 0);
        long[] shares = new long[capacity.length];
        if (local >= 0 && supply[local] > 0 && supply[local] >= demand[local]) {
            shares[local] = 1;
            return shares;
        }
        long localShare = local >= 0 && demand[local] > 0 ? supply[local] * WHOLE / demand[local] : 0;
        long[] spare = new long[capacity.length];
        long allSpare = 0;
        for (int i = 0; i < spare.length; i++) {
            spare[i] = i == local ? 0 : Math.max(0, supply[i] - demand[i]);
            allSpare += spare[i];
        }
        if (allSpare == 0) {
            return capacity.clone();
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] = i == local ? localShare * allSpare : (WHOLE - localShare) * spare[i];
        }
        return shares;
    }

    private static long[] shares(long[] amounts, long elsewhere) {
        long sum = elsewhere;
        for (long amount : amounts) {
            sum += amount;
        }
        long[] shares = new long[amounts.length];
        for (int i = 0; i < amounts.length; i++) {
            shares[i] = sum == 0 ? 0 : WHOLE * amounts[i] / sum;
        }
        return shares;
    }

    /**
     * Weighs zones by their configured weights and their healthy share.
     *
     * @param weights of the zones
     * @param healthy the healthy part of each zone
     * @param total the size of each zone
     * @param factorPercent by how much a zone is overprovisioned, 100 or more
     * @return relative shares, not negative
     */
    public static long[] weighted(long[] weights, long[] healthy, long[] total, int factorPercent) {
        long[] shares = new long[weights.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = total[i] == 0 ? 0 : weights[i] * Math.min(WHOLE, 100L * factorPercent * healthy[i] / total[i]);
        }
        return shares;
    }
}
