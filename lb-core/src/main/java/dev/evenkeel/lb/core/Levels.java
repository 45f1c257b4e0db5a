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
    /** By tier; null where nobody is, or zones divide it. */
    private final List<@Nullable Group> healthyGroups = new ArrayList<>();

    private final List<@Nullable Group> degradedGroups = new ArrayList<>();

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
    void add(int index, Tally tally, List<BackendNode> members) {
        List<BackendNode> first = new ArrayList<>(members.size());
        List<BackendNode> spared = new ArrayList<>();
        for (BackendNode node : members) {
            if (verdict.ineligibility(index, node) == null) {
                (isSpared(index, node) ? spared : first).add(node);
            }
        }
        List<Zones.Part> parts = verdict.isMixed(index) ? null : zones.divide(tally, members, first);
        Group undivided = parts == null ? group(key(tally, false), first) : null;
        add(index, tally, undivided, parts, group(key(tally, true), spared));
        idle(index, first, spared);
    }

    /**
     * Adds a tier that is as it was but for some backends.
     *
     * @param before of the whole pool too, and not divided by zone
     * @param touched those that may have changed, in order
     */
    void amend(int index, Tally tally, Levels before, List<BackendNode> touched) {
        List<BackendNode> first = new ArrayList<>();
        List<BackendNode> spared = new ArrayList<>();
        for (BackendNode node : touched) {
            boolean member = node.standing != Standing.LEAVING && node.backend.priority() == tally.priority;
            if (member && verdict.ineligibility(index, node) == null) {
                (isSpared(index, node) ? spared : first).add(node);
            }
        }
        weigh(first, true);
        weigh(spared, true);
        Group healthyGroup = groups.amended(key(tally, false), before.healthyGroups.get(index), touched, first);
        Group degradedGroup = groups.amended(key(tally, true), before.degradedGroups.get(index), touched, spared);
        add(index, tally, healthyGroup, null, degradedGroup);
        idle(index, first, spared);
    }

    /** Of one that is used. */
    private boolean isSpared(int index, BackendNode node) {
        return node.standing == Standing.DEGRADED && !verdict.isMixed(index);
    }

    private Group.Key key(Tally tally, boolean isDegraded) {
        return new Group.Key(tally.priority, isDegraded, "", subset);
    }

    private @Nullable Group group(Group.Key key, List<BackendNode> nodes) {
        if (nodes.isEmpty()) {
            return null;
        }
        weigh(nodes, true);
        return groups.group(key, nodes);
    }

    private void add(
            int index,
            Tally tally,
            @Nullable Group healthyGroup,
            @Nullable List<Zones.Part> parts,
            @Nullable Group degradedGroup) {
        int load = verdict.healthyPercent(index);
        int degradedLoad = verdict.degradedPercent(index);
        String refusal = verdict.refusal(index);
        if (parts != null) {
            healthy.add(byZone(tally, parts));
            healthyLoads.add(load);
        } else if (healthyGroup != null || (load > 0 && !refusal.isEmpty())) {
            healthy.add(new Level(healthyGroup == null ? List.of() : List.of(healthyGroup), Draw.FIRST, refusal));
            healthyLoads.add(load);
        }
        if (degradedGroup != null) {
            degraded.add(new Level(List.of(degradedGroup), Draw.FIRST, ""));
            degradedLoads.add(degradedLoad);
        }
        healthyGroups.add(healthyGroup);
        degradedGroups.add(degradedGroup);
        tiers.add(new TierStatus(
                tally.priority,
                tally.members(),
                verdict.goodPercent(index),
                load + degradedLoad,
                degradedLoad,
                verdict.isPanic(index),
                load == 0 || parts == null ? Map.of() : percents(parts)));
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
            if (subset != null && node.inSubsetsOnly()) {
                ramps.apply(List.of(node));
            }
            if (multiplied && (subset == null || node.inSubsetsOnly())) {
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

    private void idle(int index, List<BackendNode> first, List<BackendNode> spared) {
        idle(verdict.healthyPercent(index) == 0, first, Ineligibility.STANDBY);
        idle(verdict.degradedPercent(index) == 0, spared, Ineligibility.DEGRADED);
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
