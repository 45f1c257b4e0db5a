package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.core.topology.PriorityPolicy;
import java.util.List;

/**
 * The percentage of traffic that each tier gets, and which tiers are in panic. Follows Envoy's arithmetic, integer
 * divisions included: see "Priority levels", "Degraded endpoints" and "Panic threshold" in its documentation.
 */
public final class PriorityLoad {

    /**
     * The size of a tier, in backends or in weights.
     *
     * @param total all backends that belong to it
     * @param healthy its healthy backends
     * @param degraded its degraded backends
     * @param serving the total without backends that an operator has taken out
     * @param usableInPanic the backends that it would use in panic
     */
    public record Tier(long total, long healthy, long degraded, long serving, long usableInPanic) {

        /**
         * A tier of which all backends serve and would be used in panic.
         *
         * @param total all backends that belong to it
         * @param healthy its healthy backends
         * @param degraded its degraded backends
         * @return the tier
         */
        public static Tier of(long total, long healthy, long degraded) {
            return new Tier(total, healthy, degraded, total, total);
        }

        /**
         * The share of the serving part that is healthy or degraded.
         *
         * @return 0 to 100, rounded down; 0 if no backend serves
         */
        public int healthyPercent() {
            return serving == 0 ? 0 : (int) (100 * (healthy + degraded) / serving);
        }

        private boolean isBelow(int thresholdPercent) {
            return serving == 0 || 100 * (healthy + degraded) < thresholdPercent * serving;
        }
    }

    private final int[] healthyLoad;
    private final int[] degradedLoad;
    private final boolean[] panic;
    private final int availabilityPercent;

    private PriorityLoad(int tiers, int availabilityPercent) {
        this.healthyLoad = new int[tiers];
        this.degradedLoad = new int[tiers];
        this.panic = new boolean[tiers];
        this.availabilityPercent = availabilityPercent;
    }

    /**
     * Distributes the load.
     *
     * @param policy how it spills over
     * @param panicThresholdPercent below this share of healthy backends a tier panics; 0 is never
     * @param tiers in the order of their priority
     * @return percentages that add up to 100, or to 0 if there is nothing to send to
     */
    public static PriorityLoad of(PriorityPolicy policy, int panicThresholdPercent, List<Tier> tiers) {
        int n = tiers.size();
        int[] healthy = new int[n];
        int[] degraded = new int[n];
        int sum = 0;
        for (int i = 0; i < n; i++) {
            Tier tier = tiers.get(i);
            healthy[i] = availability(policy, tier.healthy, tier.total);
            degraded[i] = availability(policy, tier.degraded, tier.total);
            sum += healthy[i] + degraded[i];
        }
        PriorityLoad load = new PriorityLoad(n, Math.min(100, sum));
        if (load.allPanic(panicThresholdPercent, tiers)) {
            load.byWhatIsUsable(policy, tiers);
        } else if (policy.spillsOver() && sum > 0) {
            load.spill(healthy, degraded);
        } else {
            load.firstTakesAll(tiers);
        }
        return load;
    }

    private static int availability(PriorityPolicy policy, long part, long total) {
        return total == 0 ? 0 : (int) Math.min(100, policy.factorPercent() * part / total);
    }

    /**
     * Whether all tiers panic. None does while all together can carry the whole load, however few backends one tier has
     * left.
     */
    private boolean allPanic(int thresholdPercent, List<Tier> tiers) {
        boolean all = !tiers.isEmpty();
        for (int i = 0; i < panic.length; i++) {
            panic[i] = availabilityPercent < 100
                    && thresholdPercent > 0
                    && tiers.get(i).isBelow(thresholdPercent);
            all &= panic[i];
        }
        return all;
    }

    private void spill(int[] healthy, int[] degraded) {
        int left = fill(healthyLoad, healthy, 100);
        left = fill(degradedLoad, degraded, left);
        int first = firstPositive(healthy);
        if (first >= 0) {
            healthyLoad[first] += left;
        } else {
            degradedLoad[firstPositive(degraded)] += left;
        }
    }

    private int fill(int[] load, int[] available, int left) {
        int remainder = left;
        for (int i = 0; i < load.length; i++) {
            load[i] = Math.min(remainder, available[i] * 100 / availabilityPercent);
            remainder -= load[i];
        }
        return remainder;
    }

    private static int firstPositive(int[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0) {
                return i;
            }
        }
        return -1;
    }

    private void firstTakesAll(List<Tier> tiers) {
        for (int i = 0; i < tiers.size(); i++) {
            if (tiers.get(i).healthy > 0) {
                healthyLoad[i] = 100;
                return;
            }
        }
        for (int i = 0; i < tiers.size(); i++) {
            if (tiers.get(i).degraded > 0) {
                degradedLoad[i] = 100;
                return;
            }
        }
    }

    /** Distributes the load by what each tier would use: if all tiers panic, health is not considered. */
    private void byWhatIsUsable(PriorityPolicy policy, List<Tier> tiers) {
        long usable = 0;
        int first = -1;
        for (int i = 0; i < tiers.size(); i++) {
            usable += tiers.get(i).usableInPanic;
            if (first < 0 && usable > 0) {
                first = i;
            }
        }
        if (first < 0) {
            return;
        }
        int left = 100;
        for (int i = 0; i < tiers.size() && policy.spillsOver(); i++) {
            healthyLoad[i] = (int) (100 * tiers.get(i).usableInPanic / usable);
            left -= healthyLoad[i];
        }
        healthyLoad[first] += left;
    }

    /**
     * The share of the healthy backends of a tier.
     *
     * @param tier its index
     * @return 0 to 100
     */
    public int healthyPercent(int tier) {
        return healthyLoad[tier];
    }

    /**
     * The share of the degraded backends of a tier.
     *
     * @param tier its index
     * @return 0 to 100
     */
    public int degradedPercent(int tier) {
        return degradedLoad[tier];
    }

    /**
     * The share of a tier.
     *
     * @param tier its index
     * @return 0 to 100
     */
    public int percent(int tier) {
        return healthyLoad[tier] + degradedLoad[tier];
    }

    /**
     * Whether a tier is in panic.
     *
     * @param tier its index
     * @return true if too little of it is healthy, and too little of all tiers
     */
    public boolean isPanic(int tier) {
        return panic[tier];
    }

    /**
     * How much of the traffic all tiers together can carry.
     *
     * @return 0 to 100; Envoy's normalized total availability
     */
    public int availabilityPercent() {
        return availabilityPercent;
    }
}
