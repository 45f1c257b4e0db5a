package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.TierStatus;
import dev.evenkeel.lb.event.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.TierChanged;
import dev.evenkeel.lb.spi.PoolFigures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is eligible, and who gets how much. Runs under the registry's lock.
 *
 * <p>In this order: how each backend stands by itself ({@link Standing}), how the tiers share the load, whether one is in
 * panic and who is used because of that ({@link Verdict}), how far newcomers have come ({@link Ramps}), how a tier's zones
 * share its load ({@link Zones}), and which pickers follow ({@link Groups}). All but the first and the third are decided once more
 * for each subset ({@link Subsets}); a backend is closed to calls if neither the pool nor a subset uses it.
 */
final class SnapshotBuilder {
    /** Between two snapshots, what is observed takes no more of a tier than leaves this much of it in use. */
    private static final int SURELY_ENOUGH_PERCENT = 50;

    private final PoolFigures figures;
    private Settings settings;
    private Groups groups;
    private Zones zones;
    private Ramps ramps;
    private Subsets subsets;
    private long version;
    private List<Tally> tallies = List.of();
    private boolean hasSubsets;
    private long[] spare = {};
    private List<TierStatus> told = List.of();

    SnapshotBuilder(Settings settings, PoolFigures figures) {
        this.settings = settings;
        this.figures = figures;
        this.groups = new Groups(settings, figures);
        this.zones = new Zones(settings.zones(), settings.priorities());
        this.ramps = new Ramps(settings.slowStart(), settings.strategy().usesWeights());
        this.subsets = new Subsets(settings.name(), settings.subsets());
    }

    /** The next snapshot is made by other rules. Only under another strategy do pickers begin anew. */
    void reconfigure(Settings next) {
        if (next.strategy() != settings.strategy()) {
            groups = new Groups(next, figures);
        }
        if (!next.subsets().equals(settings.subsets())) {
            subsets = new Subsets(next.name(), next.subsets());
        }
        settings = next;
        zones = new Zones(next.zones(), next.priorities());
        ramps = new Ramps(next.slowStart(), next.strategy().usesWeights());
    }

    Ramps ramps() {
        return ramps;
    }

    Snapshot build(List<BackendNode> all, boolean closed) {
        if (closed) {
            Spread none = Spread.NONE;
            return new Snapshot(
                    version++, none.levels(), none.draw(), subsets.index(Map.of(), none), List.of(), all, true);
        }
        stand(all);
        for (BackendNode node : all) {
            node.idleBecause = null;
            node.updateSessions();
            if (node.standing == Standing.LEAVING) {
                node.close(Ineligibility.DRAINING);
            }
        }
        ramps.update(all, settings.timeSource().nanoTime());
        Part pool = judge(null, all);
        List<Part> parts = new ArrayList<>();
        if (!subsets.isEmpty()) {
            subsets.members(all).forEach((subset, members) -> parts.add(judge(subset, members)));
        }
        close(pool, parts);
        groups.begin();
        Levels whole = levels(pool);
        Map<Subset, Spread> bySubset = new HashMap<>();
        parts.forEach(part -> bySubset.put(part.subset(), levels(part).spread()));
        SubsetIndex index = subsets.index(bySubset, whole.spread());
        Spread unspecified = index.unspecified();
        hasSubsets = !parts.isEmpty();
        tallies = pool.tallies();
        spare = spare();
        announce(whole.tiers());
        return new Snapshot(version++, unspecified.levels(), unspecified.draw(), index, whole.tiers(), all, false);
    }

    /** The whole pool, or a subset of it, as if it were all there is. */
    private record Part(@Nullable Subset subset, List<Tally> tallies, Verdict verdict) {}

    private Part judge(@Nullable Subset subset, List<BackendNode> members) {
        List<Tally> byTier = tally(members);
        return new Part(subset, byTier, Verdict.of(settings.priorities(), settings.panic(), byTier));
    }

    private static void close(Part pool, List<Part> parts) {
        forEach(pool, (node, reason) -> {
            node.unusedBecause = reason;
            node.inSubsetsOnly = false;
        });
        for (Part part : parts) {
            forEach(part, (node, reason) -> node.inSubsetsOnly |= reason == null && node.unusedBecause != null);
        }
        forEach(pool, (node, reason) -> node.close(node.inSubsetsOnly ? null : reason));
    }

    private static void forEach(Part part, BiConsumer<BackendNode, @Nullable Ineligibility> action) {
        for (int i = 0; i < part.tallies().size(); i++) {
            for (BackendNode node : part.tallies().get(i).members) {
                action.accept(node, part.verdict().ineligibility(i, node));
            }
        }
    }

    private Levels levels(Part part) {
        Levels levels = new Levels(part.verdict(), zones, ramps, groups, part.subset());
        for (int i = 0; i < part.tallies().size(); i++) {
            levels.add(i, part.tallies().get(i));
        }
        return levels;
    }

    /** Learns keys that a request wants a subset by; false if that changes nothing. */
    boolean learn(Set<String> keys) {
        return subsets.learn(keys);
    }

    private List<Tally> tally(List<BackendNode> all) {
        @Nullable Tally[] byPriority = new Tally[Backend.MAX_PRIORITY + 1];
        for (BackendNode node : all) {
            if (node.standing == Standing.LEAVING) {
                continue;
            }
            int priority = node.backend.priority();
            Tally tally = byPriority[priority];
            if (tally == null) {
                tally = new Tally(priority, settings.priorities().byWeight());
                byPriority[priority] = tally;
            }
            tally.add(node);
        }
        List<Tally> present = new ArrayList<>();
        for (Tally tally : byPriority) {
            if (tally != null) {
                present.add(tally);
            }
        }
        return present;
    }

    /** Nobody rests if nobody else is good. */
    private static void stand(List<BackendNode> all) {
        boolean othersGood = false;
        for (BackendNode node : all) {
            node.standing = Standing.of(node);
            othersGood |= node.standing.isGood();
        }
        if (!othersGood) {
            for (BackendNode node : all) {
                if (node.standing == Standing.RESTING) {
                    node.standing = Standing.awake(node);
                }
            }
        }
    }

    private long[] spare() {
        int percent = Math.max(SURELY_ENOUGH_PERCENT, settings.panic().thresholdPercent());
        return tallies.stream().mapToLong(tally -> tally.spare(percent)).toArray();
    }

    /**
     * Closes a backend ahead of the next snapshot because of what was observed of it, if the next snapshot will for sure.
     */
    void close(BackendNode node) {
        node.standing = Standing.of(node);
        Ineligibility reason = Standing.ineligibility(node);
        // What the pool can spare may be the last of a subset.
        if (reason == null || node.closedBecause() != null || hasSubsets) {
            return;
        }
        for (int i = 0; i < spare.length; i++) {
            Tally tally = tallies.get(i);
            long size = tally.size(node);
            if (tally.priority == node.backend.priority() && spare[i] >= size) {
                spare[i] -= size;
                node.close(reason);
            }
        }
    }

    private void announce(List<TierStatus> now) {
        for (TierStatus after : now) {
            TierStatus before = null;
            for (TierStatus earlier : told) {
                before = earlier.priority() == after.priority() ? earlier : before;
            }
            if (before != null && before.loadPercent() != after.loadPercent()) {
                settings.events()
                        .add(new TierChanged(
                                settings.name(),
                                Instant.now(),
                                after.priority(),
                                before.loadPercent(),
                                after.loadPercent(),
                                after.healthyPercent()));
            }
            if (after.panic() != (before != null && before.panic())) {
                settings.events()
                        .add(new PanicChanged(
                                settings.name(),
                                Instant.now(),
                                after.priority(),
                                after.panic(),
                                after.healthyPercent()));
            }
        }
        told = now;
    }
}
