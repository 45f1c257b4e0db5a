package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.TierStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns a verdict into what calls read: the levels with their groups, and the draws among them. For one snapshot. */
final class Levels {
    private final Verdict verdict;
    private final Zones zones;
    private final Ramps ramps;
    private final Groups groups;
    private final @Nullable Subset subset;

    private final List<Level> healthy = new ArrayList<>();
    private final List<Integer> healthyLoads = new ArrayList<>();
    private final List<Level> degraded = new ArrayList<>();
    private final List<Integer> degradedLoads = new ArrayList<>();
    private final List<TierStatus> tiers = new ArrayList<>();

    /**
     * Nothing yet.
     *
     * @param subset of which; null for the whole pool, which has to come first
     */
    Levels(Verdict verdict, Zones zones, Ramps ramps, Groups groups, @Nullable Subset subset) {
        this.verdict = verdict;
        this.zones = zones;
        this.ramps = ramps;
        this.groups = groups;
        this.subset = subset;
    }

    /** Adds the tier of this index. */
    void add(int index, Tally tally) {
        List<BackendNode> first = new ArrayList<>(tally.members.size());
        List<BackendNode> spared = new ArrayList<>();
        boolean mixed = verdict.isMixed(index);
        for (BackendNode node : tally.members) {
            if (verdict.ineligibility(index, node) == null) {
                (mixed || node.standing != Standing.DEGRADED ? first : spared).add(node);
            }
        }
        int load = verdict.healthyPercent(index);
        int degradedLoad = verdict.degradedPercent(index);
        String refusal = verdict.refusal(index);
        Map<String, Double> zonePercents = Map.of();
        if (!first.isEmpty() || (load > 0 && !refusal.isEmpty())) {
            List<Zones.Part> parts = mixed ? null : zones.divide(tally, first);
            healthy.add(parts == null ? whole(tally, false, first, refusal) : byZone(tally, parts));
            healthyLoads.add(load);
            zonePercents = load == 0 || parts == null ? Map.of() : percents(parts);
            idle(load == 0, first, Ineligibility.STANDBY);
        }
        if (!spared.isEmpty()) {
            degraded.add(whole(tally, true, spared, ""));
            degradedLoads.add(degradedLoad);
            idle(degradedLoad == 0, spared, Ineligibility.DEGRADED);
        }
        tiers.add(new TierStatus(
                tally.priority,
                tally.members.size(),
                verdict.goodPercent(index),
                load + degradedLoad,
                degradedLoad,
                verdict.isPanic(index),
                zonePercents));
    }

    private Level whole(Tally tally, boolean isDegraded, List<BackendNode> nodes, String refusal) {
        if (nodes.isEmpty()) {
            return new Level(List.of(), Draw.FIRST, refusal);
        }
        weigh(nodes, true);
        Group group = groups.group(new Group.Key(tally.priority, isDegraded, "", subset), nodes);
        return new Level(List.of(group), Draw.FIRST, refusal);
    }

    private Level byZone(Tally tally, List<Zones.Part> parts) {
        List<Group> byZone = new ArrayList<>(parts.size());
        long[] shares = new long[parts.size()];
        for (int i = 0; i < shares.length; i++) {
            Zones.Part part = parts.get(i);
            shares[i] = part.share();
            weigh(part.nodes(), false);
            byZone.add(groups.group(new Group.Key(tally.priority, false, "zone " + part.zone(), subset), part.nodes()));
            idle(part.share() == 0, part.nodes(), Ineligibility.REMOTE_ZONE);
        }
        Draw draw = zones.inTurns()
                ? Draw.inTurns(shares, groups.turn(new Group.Key(tally.priority, false, "", subset)))
                : Draw.random(shares);
        return new Level(List.copyOf(byZone), draw, "");
    }

    /** A backend has one weight, whoever asks for it: the one that it has in the whole pool, if it is used there. */
    private void weigh(List<BackendNode> nodes, boolean multiplied) {
        if (subset == null) {
            ramps.apply(nodes);
        }
        for (BackendNode node : nodes) {
            if (subset != null && node.inSubsetsOnly) {
                ramps.apply(List.of(node));
            }
            if (multiplied && (subset == null || node.inSubsetsOnly)) {
                node.weight *= zones.multiplier(node);
            }
        }
    }

    private static Map<String, Double> percents(List<Zones.Part> parts) {
        double sum = parts.stream().mapToLong(Zones.Part::share).sum();
        Map<String, Double> percents = new TreeMap<>();
        parts.forEach(part -> percents.put(part.zone(), 100 * part.share() / sum));
        return percents;
    }

    private void idle(boolean idle, List<BackendNode> nodes, @Nullable Ineligibility reason) {
        if (idle && subset == null) {
            nodes.forEach(node -> node.idleBecause = reason);
        }
    }

    List<TierStatus> tiers() {
        return List.copyOf(tiers);
    }

    /** The tiers' healthy parts, then their degraded parts. */
    Spread spread() {
        List<Level> all = new ArrayList<>(healthy);
        all.addAll(degraded);
        List<Integer> loads = new ArrayList<>(healthyLoads);
        loads.addAll(degradedLoads);
        return new Spread(
                List.copyOf(all),
                Draw.random(loads.stream().mapToLong(Integer::longValue).toArray()));
    }
}
