package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Ineligibility;
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

    private final List<Level> healthy = new ArrayList<>();
    private final List<Integer> healthyLoads = new ArrayList<>();
    private final List<Level> degraded = new ArrayList<>();
    private final List<Integer> degradedLoads = new ArrayList<>();
    private final List<TierStatus> tiers = new ArrayList<>();

    Levels(Verdict verdict, Zones zones, Ramps ramps, Groups groups) {
        this.verdict = verdict;
        this.zones = zones;
        this.ramps = ramps;
        this.groups = groups;
    }

    /** Adds the tier of this index; its backends know whether they are used. */
    void add(int index, Tally tally) {
        List<BackendNode> first = new ArrayList<>(tally.members.size());
        List<BackendNode> spared = new ArrayList<>();
        boolean mixed = verdict.isMixed(index);
        for (BackendNode node : tally.members) {
            if (node.closedBecause() == null) {
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
        ramps.apply(nodes);
        for (BackendNode node : nodes) {
            node.weight *= zones.multiplier(node);
        }
        Group group = groups.group(new Group.Key(tally.priority, isDegraded, ""), nodes);
        return new Level(List.of(group), Draw.FIRST, refusal);
    }

    private Level byZone(Tally tally, List<Zones.Part> parts) {
        List<Group> byZone = new ArrayList<>(parts.size());
        long[] shares = new long[parts.size()];
        for (int i = 0; i < shares.length; i++) {
            Zones.Part part = parts.get(i);
            shares[i] = part.share();
            ramps.apply(part.nodes());
            byZone.add(groups.group(new Group.Key(tally.priority, false, "zone " + part.zone()), part.nodes()));
            idle(part.share() == 0, part.nodes(), Ineligibility.REMOTE_ZONE);
        }
        Draw draw = zones.inTurns() ? Draw.inTurns(shares, groups.turn(tally.priority)) : Draw.random(shares);
        return new Level(List.copyOf(byZone), draw, "");
    }

    private static Map<String, Double> percents(List<Zones.Part> parts) {
        double sum = parts.stream().mapToLong(Zones.Part::share).sum();
        Map<String, Double> percents = new TreeMap<>();
        parts.forEach(part -> percents.put(part.zone(), 100 * part.share() / sum));
        return percents;
    }

    private static void idle(boolean idle, List<BackendNode> nodes, @Nullable Ineligibility reason) {
        if (idle) {
            nodes.forEach(node -> node.idleBecause = reason);
        }
    }

    List<TierStatus> tiers() {
        return List.copyOf(tiers);
    }

    /** The tiers' healthy parts, then their degraded parts. */
    List<Level> inOrder() {
        List<Level> all = new ArrayList<>(healthy);
        all.addAll(degraded);
        return List.copyOf(all);
    }

    Draw draw() {
        List<Integer> loads = new ArrayList<>(healthyLoads);
        loads.addAll(degradedLoads);
        return Draw.random(loads.stream().mapToLong(Integer::longValue).toArray());
    }
}
