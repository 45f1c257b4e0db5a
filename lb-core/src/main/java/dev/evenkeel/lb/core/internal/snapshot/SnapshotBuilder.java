package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.LoadBalancerEvent.TierChanged;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which backends are eligible and which share of the calls each gets. Guarded by the registry's lock.
 *
 * <p>In this order:
 * <ol>
 * <li>the condition of each backend by itself ({@link BackendCondition});
 * <li>how the tiers share the load, which tiers panic, and which backends are used because of that
 *     ({@link PriorityDecision});
 * <li>how far backends in slow start have ramped up ({@link SlowStartTracker});
 * <li>how a tier's zones share its load ({@link LocalityRouting});
 * <li>the pickers that follow from it ({@link PickerCache}).
 * </ol>
 *
 * <p>All but the first and the third are repeated for each subset ({@link SubsetSelectors}). A backend is closed to
 * calls if neither the pool nor a subset uses it.
 *
 * <p>If only some backends have changed and the change does not affect other backends, only these are evaluated;
 * everything else is copied from the last snapshot. So a backend that joins or leaves a pool of 10,000 costs no more
 * than the copy.
 */
public final class SnapshotBuilder {
    /** Before the next snapshot, close backends early only while at least this share of the tier stays open. */
    private static final int SURELY_ENOUGH_PERCENT = 50;

    private final PoolFigures figures;
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private PickerCache groups;
    private final LocalityRouting zones;
    private final SlowStartTracker ramps;
    private SubsetSelectors subsets;
    private long version;
    private List<TierCounts> tallies = List.of();
    /** The last decision for the whole pool; null before the first snapshot and after the last. */
    private @Nullable PriorityDecision verdict;

    private @Nullable PriorityLevelsBuilder levels;
    private boolean hasSubsets;
    private long[] spare = {};
    private List<TierStatus> told = List.of();
    /** Backends to close once the snapshot is published; {@link #closingBecause} has the reasons. */
    private final List<BackendState> closing = new ArrayList<>();

    private final List<Ineligibility> closingBecause = new ArrayList<>();

    public SnapshotBuilder(PoolRuntime runtime, Supplier<PoolConfig> config, PoolFigures figures) {
        this.runtime = runtime;
        this.config = config;
        this.figures = figures;
        this.groups = new PickerCache(runtime, config.get().strategy(), figures);
        this.zones = new LocalityRouting(config);
        this.ramps = new SlowStartTracker(config);
        this.subsets = new SubsetSelectors(runtime.name(), config.get().subsets());
    }

    /** Pickers start anew under another strategy, and learned subsets under another policy. */
    private void followConfig() {
        if (!groups.isOf(config.get().strategy())) {
            groups = new PickerCache(runtime, config.get().strategy(), figures);
        }
        if (!subsets.isOf(config.get().subsets())) {
            subsets = new SubsetSelectors(runtime.name(), config.get().subsets());
        }
    }

    SlowStartTracker ramps() {
        return ramps;
    }

    /**
     * Builds the next snapshot.
     *
     * @param touched the backends that may have changed since the last one, in order; null if all may have
     */
    Snapshot build(BackendList all, @Nullable List<BackendState> touched, boolean closed) {
        if (closed) {
            SelectionPlan none = SelectionPlan.NONE;
            return new Snapshot(
                    version++, none.levels(), none.draw(), subsets.index(Map.of(), none), List.of(), all, true);
        }
        followConfig();
        groups.whole(all);
        Snapshot amended = touched == null ? null : amended(all, touched);
        return amended != null ? amended : anew(all);
    }

    private Snapshot anew(BackendList all) {
        all.forEach(node -> node.condition(BackendCondition.of(node)));
        all.forEach(this::begin);
        ramps.update(all, runtime.timeSource().nanoTime());
        Part pool = judge(null, all);
        List<Part> parts = new ArrayList<>();
        if (!subsets.isEmpty()) {
            subsets.members(all).forEach((subset, members) -> parts.add(judge(subset, members)));
        }
        close(pool, parts);
        groups.begin();
        PriorityLevelsBuilder whole = levels(pool);
        Map<Subset, SelectionPlan> bySubset = new HashMap<>();
        parts.forEach(part -> bySubset.put(part.subset(), levels(part).spread()));
        hasSubsets = !parts.isEmpty();
        return snapshot(all, pool.tallies(), pool.verdict(), whole, bySubset);
    }

    /**
     * The last snapshot with only the touched backends evaluated anew; null if the change may affect other backends.
     */
    private @Nullable Snapshot amended(BackendList all, List<BackendState> touched) {
        PriorityDecision before = verdict;
        PriorityLevelsBuilder formerLevels = levels;
        if (before == null || formerLevels == null || !subsets.isEmpty() || zones.divides()) {
            return null;
        }
        touched.forEach(node -> node.condition(BackendCondition.of(node)));
        List<TierCounts> recounted = ramps.concernOthers(touched) ? null : TierCounts.recount(tallies, touched);
        if (recounted == null) {
            return null;
        }
        PriorityDecision present = PriorityDecision.of(config.get().priorities(), config.get().panic(), recounted);
        if (!present.isLike(before)) {
            return null;
        }
        touched.forEach(this::begin);
        ramps.update(touched, runtime.timeSource().nanoTime());
        PriorityLevelsBuilder amended = new PriorityLevelsBuilder(present, zones, ramps, groups, null);
        for (int i = 0; i < recounted.size(); i++) {
            TierCounts tally = recounted.get(i);
            for (BackendState node : touched) {
                if (node.condition() != BackendCondition.LEAVING && node.backend().priority() == tally.priority) {
                    close(node, present.ineligibility(i, node));
                }
            }
            amended.amend(i, tally, formerLevels, touched);
        }
        return snapshot(all, recounted, present, amended, Map.of());
    }

    private Snapshot snapshot(
            BackendList all,
            List<TierCounts> byTier,
            PriorityDecision whole,
            PriorityLevelsBuilder ofPool,
            Map<Subset, SelectionPlan> bySubset) {
        SubsetIndex index = subsets.index(bySubset, ofPool.spread());
        SelectionPlan unspecified = index.unspecified();
        tallies = byTier;
        verdict = whole;
        levels = ofPool;
        spare = spare();
        announce(ofPool.tiers());
        return new Snapshot(version++, unspecified.levels(), unspecified.draw(), index, ofPool.tiers(), all, false);
    }

    /**
     * Opens a backend at once, or closes it when the snapshot is published ({@link #closeThoseOut}): until then calls
     * read the previous snapshot, which may have no other backend.
     */
    private void close(BackendState node, @Nullable Ineligibility reason) {
        if (reason != null && node.closedBecause() == null) {
            closing.add(node);
            closingBecause.add(reason);
        } else {
            node.close(reason);
        }
    }

    /** Closes the backends that the snapshot just published does not use any more. */
    void closeThoseOut() {
        for (int i = 0; i < closing.size(); i++) {
            closing.get(i).close(closingBecause.get(i));
        }
        closing.clear();
        closingBecause.clear();
    }

    private void begin(BackendState node) {
        node.updateSessions();
        if (node.condition() == BackendCondition.LEAVING) {
            TierCounts.remove(node);
            close(node, Ineligibility.DRAINING);
        }
    }

    /**
     * The whole pool, or a subset of it treated like a whole pool.
     *
     * @param members by tier, in the order of the pool's list
     */
    private record Part(
            @Nullable Subset subset,
            List<TierCounts> tallies,
            List<List<BackendState>> members,
            PriorityDecision verdict) {}

    private Part judge(@Nullable Subset subset, List<BackendState> all) {
        Map<Integer, List<BackendState>> byPriority = new TreeMap<>();
        for (BackendState node : all) {
            if (node.condition() != BackendCondition.LEAVING) {
                byPriority
                        .computeIfAbsent(node.backend().priority(), priority -> new ArrayList<>())
                        .add(node);
            }
        }
        List<TierCounts> byTier = new ArrayList<>();
        byPriority.forEach((priority, members) -> {
            TierCounts tally = new TierCounts(priority, config.get().priorities().byWeight());
            members.forEach(tally::add);
            byTier.add(tally);
        });
        return new Part(
                subset,
                byTier,
                List.copyOf(byPriority.values()),
                PriorityDecision.of(config.get().priorities(), config.get().panic(), byTier));
    }

    private void close(Part pool, List<Part> parts) {
        Set<BackendState> inSubsets = new HashSet<>();
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

    private static void forEach(Part part, BiConsumer<BackendState, @Nullable Ineligibility> action) {
        for (int i = 0; i < part.tallies().size(); i++) {
            for (BackendState node : part.members().get(i)) {
                action.accept(node, part.verdict().ineligibility(i, node));
            }
        }
    }

    private PriorityLevelsBuilder levels(Part part) {
        PriorityLevelsBuilder spread = new PriorityLevelsBuilder(part.verdict(), zones, ramps, groups, part.subset());
        for (int i = 0; i < part.tallies().size(); i++) {
            spread.add(i, part.tallies().get(i), part.members().get(i));
        }
        return spread;
    }

    /** Learns the keys of a requested subset. Returns false if nothing changes. */
    boolean learn(Set<String> keys) {
        return subsets.learn(keys);
    }

    private long[] spare() {
        int percent = Math.max(SURELY_ENOUGH_PERCENT, config.get().panic().thresholdPercent());
        return tallies.stream().mapToLong(tally -> tally.spare(percent)).toArray();
    }

    /**
     * Closes a backend before the next snapshot because of an observation, if the next snapshot is certain to close it.
     */
    void close(BackendState node) {
        node.condition(BackendCondition.of(node));
        Ineligibility reason = BackendCondition.ineligibility(node);
        // A backend that the pool can spare may be the last one of a subset.
        if (reason == null || node.closedBecause() != null || hasSubsets) {
            return;
        }
        for (int i = 0; i < spare.length; i++) {
            TierCounts tally = tallies.get(i);
            long size = tally.size(node);
            if (tally.priority == node.backend().priority() && spare[i] >= size) {
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
                runtime.events()
                        .add(new TierChanged(
                                runtime.name(),
                                Instant.now(),
                                after.priority(),
                                before.loadPercent(),
                                after.loadPercent(),
                                after.healthyPercent()));
            }
            if (after.panic() != (before != null && before.panic())) {
                runtime.events()
                        .add(new PanicChanged(
                                runtime.name(),
                                Instant.now(),
                                after.priority(),
                                after.panic(),
                                after.healthyPercent()));
            }
        }
        told = now;
    }
}
