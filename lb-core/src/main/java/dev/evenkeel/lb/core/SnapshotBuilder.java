package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.TierStatus;
import dev.evenkeel.lb.event.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.TierChanged;
import dev.evenkeel.lb.spi.PoolFigures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is eligible, and who gets how much. Runs under the registry's lock.
 *
 * <p>In this order: how each backend stands by itself ({@link Standing}), how the tiers share the load, whether one is in
 * panic and who is used because of that ({@link Verdict}), how far newcomers have come ({@link Ramps}), how a tier's zones
 * share its load ({@link Zones}), and which pickers follow ({@link Groups}). All but the first and the third are decided once more
 * for each subset ({@link Subsets}); a backend is closed to calls if neither the pool nor a subset uses it.
 *
 * <p>If only some backends have changed, and nothing follows from it for the others, only these are decided on, and the rest of
 * the last snapshot is copied: a pool of 10,000 in which one comes or goes is no more work than the copy.
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
    /** Of the last snapshot's whole pool; null before the first, and after the last. */
    private @Nullable Verdict verdict;

    private @Nullable Levels levels;
    private boolean hasSubsets;
    private long[] spare = {};
    private List<TierStatus> told = List.of();
    /** To be closed when the snapshot is out, and why. */
    private final List<BackendNode> closing = new ArrayList<>();

    private final List<Ineligibility> closingBecause = new ArrayList<>();

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
        if (!next.strategy().equals(settings.strategy())) {
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

    /**
     * Makes the next snapshot.
     *
     * @param touched those that may have changed since the last one, in order; null if all may have
     */
    Snapshot build(Members all, @Nullable List<BackendNode> touched, boolean closed) {
        if (closed) {
            Spread none = Spread.NONE;
            return new Snapshot(
                    version++, none.levels(), none.draw(), subsets.index(Map.of(), none), List.of(), all, true);
        }
        groups.whole(all);
        Snapshot amended = touched == null ? null : amended(all, touched);
        return amended != null ? amended : anew(all);
    }

    private Snapshot anew(Members all) {
        all.forEach(node -> node.standing = Standing.of(node));
        all.forEach(this::begin);
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
        hasSubsets = !parts.isEmpty();
        return snapshot(all, pool.tallies(), pool.verdict(), whole, bySubset);
    }

    /** As the last one but for those that were touched; null if others may be concerned. */
    private @Nullable Snapshot amended(Members all, List<BackendNode> touched) {
        Verdict before = verdict;
        Levels formerLevels = levels;
        if (before == null || formerLevels == null || !subsets.isEmpty() || zones.divides()) {
            return null;
        }
        touched.forEach(node -> node.standing = Standing.of(node));
        List<Tally> recounted = ramps.concernOthers(touched) ? null : Tally.recount(tallies, touched);
        if (recounted == null) {
            return null;
        }
        Verdict present = Verdict.of(settings.priorities(), settings.panic(), recounted);
        if (!present.isLike(before)) {
            return null;
        }
        touched.forEach(this::begin);
        ramps.update(touched, settings.timeSource().nanoTime());
        Levels amended = new Levels(present, zones, ramps, groups, null);
        for (int i = 0; i < recounted.size(); i++) {
            Tally tally = recounted.get(i);
            for (BackendNode node : touched) {
                if (node.standing != Standing.LEAVING && node.backend.priority() == tally.priority) {
                    close(node, present.ineligibility(i, node));
                }
            }
            amended.amend(i, tally, formerLevels, touched);
        }
        return snapshot(all, recounted, present, amended, Map.of());
    }

    private Snapshot snapshot(
            Members all, List<Tally> byTier, Verdict whole, Levels ofPool, Map<Subset, Spread> bySubset) {
        SubsetIndex index = subsets.index(bySubset, ofPool.spread());
        Spread unspecified = index.unspecified();
        tallies = byTier;
        verdict = whole;
        levels = ofPool;
        spare = spare();
        announce(ofPool.tiers());
        return new Snapshot(version++, unspecified.levels(), unspecified.draw(), index, ofPool.tiers(), all, false);
    }

    /**
     * Opens a backend at once, and closes it only when the snapshot is out ({@link #closeThoseOut}): until then calls go by the
     * one before it, which may have none but this backend.
     */
    private void close(BackendNode node, @Nullable Ineligibility reason) {
        if (reason != null && node.closedBecause() == null) {
            closing.add(node);
            closingBecause.add(reason);
        } else {
            node.close(reason);
        }
    }

    /** The last snapshot that was made is what calls read now: closes the backends that it has no more. */
    void closeThoseOut() {
        for (int i = 0; i < closing.size(); i++) {
            closing.get(i).close(closingBecause.get(i));
        }
        closing.clear();
        closingBecause.clear();
    }

    private void begin(BackendNode node) {
        node.idleBecause = null;
        node.updateSessions();
        if (node.standing == Standing.LEAVING) {
            node.counted = null;
            close(node, Ineligibility.DRAINING);
        }
    }

    /**
     * The whole pool, or a subset of it, as if it were all there is.
     *
     * @param members by tier, in the order of the pool's list
     */
    private record Part(
            @Nullable Subset subset, List<Tally> tallies, List<List<BackendNode>> members, Verdict verdict) {}

    private Part judge(@Nullable Subset subset, List<BackendNode> all) {
        Map<Integer, List<BackendNode>> byPriority = new TreeMap<>();
        for (BackendNode node : all) {
            if (node.standing != Standing.LEAVING) {
                byPriority
                        .computeIfAbsent(node.backend.priority(), priority -> new ArrayList<>())
                        .add(node);
            }
        }
        List<Tally> byTier = new ArrayList<>();
        byPriority.forEach((priority, members) -> {
            Tally tally = new Tally(priority, settings.priorities().byWeight());
            members.forEach(tally::add);
            byTier.add(tally);
        });
        return new Part(
                subset,
                byTier,
                List.copyOf(byPriority.values()),
                Verdict.of(settings.priorities(), settings.panic(), byTier));
    }

    private void close(Part pool, List<Part> parts) {
        Set<BackendNode> inSubsets = new HashSet<>();
        for (Part part : parts) {
            forEach(part, (node, reason) -> {
                if (reason == null) {
                    inSubsets.add(node);
                }
            });
        }
        forEach(pool, (node, reason) -> {
            node.inSubsetsOnly(reason != null && inSubsets.contains(node));
            close(node, node.inSubsetsOnly() ? null : reason);
        });
    }

    private static void forEach(Part part, BiConsumer<BackendNode, @Nullable Ineligibility> action) {
        for (int i = 0; i < part.tallies().size(); i++) {
            for (BackendNode node : part.members().get(i)) {
                action.accept(node, part.verdict().ineligibility(i, node));
            }
        }
    }

    private Levels levels(Part part) {
        Levels spread = new Levels(part.verdict(), zones, ramps, groups, part.subset());
        for (int i = 0; i < part.tallies().size(); i++) {
            spread.add(i, part.tallies().get(i), part.members().get(i));
        }
        return spread;
    }

    /** Learns keys that a request wants a subset by; false if that changes nothing. */
    boolean learn(Set<String> keys) {
        return subsets.learn(keys);
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
                node.updateSessions();
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
