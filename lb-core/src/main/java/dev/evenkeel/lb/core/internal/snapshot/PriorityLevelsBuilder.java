package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds the levels, groups and weighted choices of one snapshot from a {@link PriorityDecision}. */
final class PriorityLevelsBuilder {
    private final PriorityDecision decision;
    private final LocalityRouting zones;
    private final SlowStartTracker slowStart;
    private final PickerCache pickers;
    private final @Nullable Subset subset;
    private final @Nullable Former former;

    /** By tier, the groups of a pool that is not divided by zone; null for a group without a backend. */
    record Groups(List<@Nullable CandidateGroup> healthy, List<@Nullable CandidateGroup> degraded) {}

    /**
     * The groups of the last snapshot, to be amended.
     *
     * @param touched the backends that may have changed since, in order
     */
    record Former(Groups groups, List<BackendState> touched) {}

    private final List<PriorityLevel> healthy;
    private final List<Integer> healthyLoads;
    private final List<PriorityLevel> degraded = new ArrayList<>();
    private final List<Integer> degradedLoads = new ArrayList<>();
    private final List<TierStatus> tiers;
    /** By tier; null if the tier has no backend, or if it is divided by zone. */
    private final List<@Nullable CandidateGroup> healthyGroups;

    private final List<@Nullable CandidateGroup> degradedGroups;

    /**
     * Begins without levels.
     *
     * @param subset the subset to build for; null for the whole pool, which must be built first
     * @param former null if all groups are built anew
     * @param tierCount how many tiers will be added
     */
    PriorityLevelsBuilder(
            PriorityDecision decision,
            LocalityRouting zones,
            SlowStartTracker slowStart,
            PickerCache pickers,
            @Nullable Subset subset,
            @Nullable Former former,
            int tierCount) {
        this.decision = decision;
        this.zones = zones;
        this.slowStart = slowStart;
        this.pickers = pickers;
        this.subset = subset;
        this.former = former;
        this.healthy = new ArrayList<>(tierCount);
        this.healthyLoads = new ArrayList<>(tierCount);
        this.tiers = new ArrayList<>(tierCount);
        this.healthyGroups = new ArrayList<>(tierCount);
        this.degradedGroups = new ArrayList<>(tierCount);
    }

    /**
     * Adds the tier with this index.
     *
     * @param changed the members of the tier that may have changed, in order
     */
    void add(int index, TierCounts counts, List<BackendState> changed) {
        List<BackendState> first = new ArrayList<>(changed.size());
        List<BackendState> limited = new ArrayList<>();
        for (BackendState node : changed) {
            idle(node, null);
            if (decision.ineligibility(index, node) == null) {
                (isInDegradedGroup(index, node) ? limited : first).add(node);
            }
        }
        List<LocalityRouting.ZoneShare> zoneShares =
                decision.treatsAllAlike(index) ? null : zones.divide(counts, changed, first);
        CandidateGroup undivided = zoneShares == null
                ? group(key(counts, false), former == null ? null : former.groups.healthy.get(index), first)
                : null;
        CandidateGroup degradedGroup =
                group(key(counts, true), former == null ? null : former.groups.degraded.get(index), limited);
        add(index, counts, undivided, zoneShares, degradedGroup);
        idle(index, first, limited);
    }

    /** Whether a used backend belongs to the degraded group of its tier. */
    private boolean isInDegradedGroup(int index, BackendState node) {
        return node.condition() == BackendCondition.DEGRADED && !decision.treatsAllAlike(index);
    }

    private CandidateGroup.Key key(TierCounts counts, boolean isDegraded) {
        return new CandidateGroup.Key(counts.priority, isDegraded, "", subset);
    }

    /** The group of a tier; null if it has no backend. */
    private @Nullable CandidateGroup group(
            CandidateGroup.Key key, @Nullable CandidateGroup before, List<BackendState> changed) {
        weigh(changed, true);
        if (former != null && before != null) {
            return pickers.amended(key, before, former.touched, changed);
        }
        return changed.isEmpty() ? null : pickers.group(key, changed);
    }

    private void add(
            int index,
            TierCounts counts,
            @Nullable CandidateGroup healthyGroup,
            @Nullable List<LocalityRouting.ZoneShare> zoneShares,
            @Nullable CandidateGroup degradedGroup) {
        int load = decision.healthyPercent(index);
        int degradedLoad = decision.degradedPercent(index);
        String refusal = decision.refusal(index);
        if (zoneShares != null) {
            healthy.add(byZone(counts, zoneShares));
            healthyLoads.add(load);
        } else if (healthyGroup != null || (load > 0 && !refusal.isEmpty())) {
            healthy.add(new PriorityLevel(
                    healthyGroup == null ? List.of() : List.of(healthyGroup), WeightedChoice.FIRST, refusal));
            healthyLoads.add(load);
        }
        if (degradedGroup != null) {
            degraded.add(new PriorityLevel(List.of(degradedGroup), WeightedChoice.FIRST, ""));
            degradedLoads.add(degradedLoad);
        }
        healthyGroups.add(healthyGroup);
        degradedGroups.add(degradedGroup);
        tiers.add(new TierStatus(
                counts.priority,
                counts.members(),
                decision.goodPercent(index),
                load + degradedLoad,
                degradedLoad,
                decision.isPanic(index),
                load == 0 || zoneShares == null ? Map.of() : percents(zoneShares)));
    }

    private PriorityLevel byZone(TierCounts counts, List<LocalityRouting.ZoneShare> zoneShares) {
        List<CandidateGroup> byZone = new ArrayList<>(zoneShares.size());
        long[] sizes = new long[zoneShares.size()];
        for (int i = 0; i < sizes.length; i++) {
            LocalityRouting.ZoneShare zoneShare = zoneShares.get(i);
            sizes[i] = zoneShare.share();
            weigh(zoneShare.nodes(), false);
            byZone.add(pickers.group(
                    new CandidateGroup.Key(counts.priority, false, "zone " + zoneShare.zone(), subset),
                    zoneShare.nodes()));
            idle(zoneShare.share() == 0, zoneShare.nodes(), Ineligibility.REMOTE_ZONE);
        }
        WeightedChoice draw = zones.inTurns()
                ? WeightedChoice.inTurns(
                        sizes, pickers.turn(new CandidateGroup.Key(counts.priority, false, "", subset)))
                : WeightedChoice.random(sizes);
        return new PriorityLevel(List.copyOf(byZone), draw, "");
    }

    /** Sets the weights. A backend has one weight in all groups: its weight in the whole pool, if it is used there. */
    private void weigh(List<BackendState> nodes, boolean multiplied) {
        LocalityRouting scaling = multiplied ? zones : null;
        if (subset == null) {
            slowStart.apply(nodes, scaling);
            return;
        }
        for (BackendState node : nodes) {
            if (node.inSubsetsOnly()) {
                slowStart.apply(List.of(node), scaling);
            }
        }
    }

    private static Map<String, Double> percents(List<LocalityRouting.ZoneShare> zoneShares) {
        double sum =
                zoneShares.stream().mapToLong(LocalityRouting.ZoneShare::share).sum();
        Map<String, Double> percents = new TreeMap<>();
        zoneShares.forEach(zoneShare -> percents.put(zoneShare.zone(), 100 * zoneShare.share() / sum));
        return percents;
    }

    private void idle(int index, List<BackendState> first, List<BackendState> limited) {
        idle(decision.healthyPercent(index) == 0, first, Ineligibility.STANDBY);
        idle(decision.degradedPercent(index) == 0, limited, Ineligibility.DEGRADED);
    }

    private void idle(boolean idle, List<BackendState> nodes, @Nullable Ineligibility reason) {
        if (idle) {
            nodes.forEach(node -> idle(node, reason));
        }
    }

    private void idle(BackendState node, @Nullable Ineligibility reason) {
        if (subset == null) {
            node.idleBecause(reason);
        }
    }

    Groups groups() {
        return new Groups(healthyGroups, degradedGroups);
    }

    List<TierStatus> tiers() {
        return List.copyOf(tiers);
    }

    /** The plan: the tiers' healthy levels, then their degraded levels. */
    SelectionPlan spread() {
        if (degraded.isEmpty() && healthy.size() == 1) {
            return new SelectionPlan(List.copyOf(healthy), WeightedChoice.FIRST);
        }
        List<PriorityLevel> all = new ArrayList<>(healthy);
        all.addAll(degraded);
        return new SelectionPlan(List.copyOf(all), WeightedChoice.random(loads()));
    }

    private long[] loads() {
        long[] loads = new long[healthyLoads.size() + degradedLoads.size()];
        int count = 0;
        for (int load : healthyLoads) {
            loads[count++] = load;
        }
        for (int load : degradedLoads) {
            loads[count++] = load;
        }
        return loads;
    }
}
