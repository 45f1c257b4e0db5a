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
import java.util.Objects;
import java.util.Set;
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
 * <p>All but the first and the third are repeated for each subset ({@link DeclaredSubsets}). A backend is closed to
 * calls if neither the pool nor a subset uses it.
 *
 * <p>If only some backends have changed and the change does not affect other backends, only these are evaluated;
 * everything else is copied from the last snapshot. So a backend that joins or leaves a pool of 10,000 costs no more
 * than the copy. Both go through {@link #next}: a full build is the change of all backends.
 */
public final class SnapshotBuilder {
    /** Before the next snapshot, close backends early only while at least this share of the tier stays open. */
    private static final int SURELY_ENOUGH_PERCENT = 50;

    private final PoolFigures figures;
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final DeferredWork deferred;
    private PickerCache pickers;
    private final LocalityRouting zones;
    private final SlowStartTracker slowStart;
    private DeclaredSubsets subsets;
    private long version;
    /** Null before the first snapshot. */
    private @Nullable Last last;

    private boolean hasSubsets;
    private long[] removable = {};
    private List<TierStatus> announcedTiers = List.of();
    /** Backends to close once the snapshot is published; {@link #closingBecause} has the reasons. */
    private final List<BackendState> closing = new ArrayList<>();

    private final List<Ineligibility> closingBecause = new ArrayList<>();

    public SnapshotBuilder(PoolRuntime runtime, Supplier<PoolConfig> config, PoolFigures figures) {
        this.runtime = runtime;
        this.config = config;
        this.figures = figures;
        this.deferred = new DeferredWork(runtime);
        this.pickers = newPickers();
        this.zones = new LocalityRouting(config);
        this.slowStart = new SlowStartTracker(config);
        this.subsets = new DeclaredSubsets(runtime.name(), config.get().subsets());
    }

    /** Pickers start anew under another strategy, and subsets under another policy. */
    private void followConfig() {
        if (!pickers.isOf(config.get().strategy())) {
            pickers = newPickers();
        }
        if (!subsets.isOf(config.get().subsets())) {
            subsets = subsets.under(config.get().subsets());
        }
    }

    private PickerCache newPickers() {
        return new PickerCache(runtime, config.get().strategy(), figures, deferred);
    }

    /** What pickers of the snapshots have put off. */
    DeferredWork deferred() {
        return deferred;
    }

    SlowStartTracker slowStart() {
        return slowStart;
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
        pickers.whole(all);
        Snapshot amended = touched == null || !isAmendable() ? null : next(all, touched, last);
        return amended != null ? amended : Objects.requireNonNull(next(all, all, null));
    }

    /** Whether the effect of a change can be told from the changed backends. */
    private boolean isAmendable() {
        return subsets.isEmpty() && !zones.divides();
    }

    /**
     * The snapshot after some backends have changed: the last one with only these evaluated anew.
     *
     * @param changed the backends that may have changed, in order; all of them if there is no last snapshot
     * @param before the last snapshot; null to evaluate all backends
     * @return null if the change may affect further backends
     */
    private @Nullable Snapshot next(BackendList all, List<BackendState> changed, @Nullable Last before) {
        changed.forEach(node -> node.condition(BackendCondition.of(node)));
        List<TierCounts> counts = count(changed, before);
        if (counts == null) {
            return null;
        }
        Selection pool = selection(null, counts, changed);
        if (before != null && !pool.decision().hasSameEligibility(before.decision())) {
            return null;
        }
        changed.forEach(this::resetNode);
        slowStart.update(changed, runtime.timeSource().nanoTime());
        List<Selection> ofSubsets = ofSubsets(changed);
        close(pool, ofSubsets);
        pickers.begin();
        PriorityLevelsBuilder levels =
                levels(pool, before == null ? null : new PriorityLevelsBuilder.Former(before.groups(), changed));
        Map<Subset, SelectionPlan> bySubset = plans(ofSubsets);
        hasSubsets = !ofSubsets.isEmpty();
        last = new Last(counts, pool.decision(), levels.groups());
        return snapshot(all, levels, bySubset);
    }

    private @Nullable List<TierCounts> count(List<BackendState> changed, @Nullable Last before) {
        if (before == null) {
            return count(changed);
        }
        return slowStart.concernOthers(changed) ? null : TierCounts.recount(before.counts(), changed);
    }

    private List<Selection> ofSubsets(List<BackendState> nodes) {
        if (subsets.isEmpty()) {
            return List.of();
        }
        List<Selection> ofSubsets = new ArrayList<>();
        subsets.members(nodes).forEach((subset, members) -> ofSubsets.add(selection(subset, count(members), members)));
        return ofSubsets;
    }

    private Map<Subset, SelectionPlan> plans(List<Selection> ofSubsets) {
        if (ofSubsets.isEmpty()) {
            return Map.of();
        }
        Map<Subset, SelectionPlan> plans = new HashMap<>();
        ofSubsets.forEach(selection ->
                plans.put(selection.subset(), levels(selection, null).spread()));
        return plans;
    }

    private List<TierCounts> count(List<BackendState> nodes) {
        return TierCounts.count(nodes, config.get().priorities().byWeight());
    }

    private Snapshot snapshot(BackendList all, PriorityLevelsBuilder ofPool, Map<Subset, SelectionPlan> bySubset) {
        SubsetIndex index = subsets.index(bySubset, ofPool.spread());
        SelectionPlan unspecified = index.unspecified();
        removable = removable();
        announce(ofPool.tiers());
        return new Snapshot(version++, unspecified.levels(), unspecified.draw(), index, ofPool.tiers(), all, false);
    }

    /**
     * Opens a backend at once, or closes it when the snapshot is published ({@link #closePending}): until then calls
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
    void closePending() {
        for (int i = 0; i < closing.size(); i++) {
            closing.get(i).close(closingBecause.get(i));
        }
        closing.clear();
        closingBecause.clear();
    }

    private void resetNode(BackendState node) {
        node.updateSessions();
        if (node.condition() == BackendCondition.LEAVING) {
            TierCounts.remove(node);
            close(node, Ineligibility.DRAINING);
        }
    }

    /**
     * The whole pool, or a subset of it treated like a whole pool.
     *
     * @param changed by tier, the members that may have changed, in the order of the pool's list
     */
    private record Selection(
            @Nullable Subset subset,
            List<TierCounts> counts,
            List<List<BackendState>> changed,
            PriorityDecision decision) {}

    /** What the next snapshot may be an amendment of. */
    private record Last(List<TierCounts> counts, PriorityDecision decision, PriorityLevelsBuilder.Groups groups) {}

    private Selection selection(@Nullable Subset subset, List<TierCounts> counts, List<BackendState> changed) {
        List<List<BackendState>> byTier = new ArrayList<>(counts.size());
        for (TierCounts tier : counts) {
            List<BackendState> members = new ArrayList<>(changed.size());
            for (BackendState node : changed) {
                if (node.condition() != BackendCondition.LEAVING
                        && node.backend().priority() == tier.priority) {
                    members.add(node);
                }
            }
            byTier.add(members);
        }
        return new Selection(
                subset,
                counts,
                byTier,
                PriorityDecision.of(config.get().priorities(), config.get().panic(), counts));
    }

    private void close(Selection pool, List<Selection> ofSubsets) {
        Set<BackendState> inSubsets = ofSubsets.isEmpty() ? Set.of() : new HashSet<>();
        for (Selection selection : ofSubsets) {
            forEach(selection, (node, reason) -> {
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

    private static void forEach(Selection selection, BiConsumer<BackendState, @Nullable Ineligibility> action) {
        for (int i = 0; i < selection.counts().size(); i++) {
            for (BackendState node : selection.changed().get(i)) {
                action.accept(node, selection.decision().ineligibility(i, node));
            }
        }
    }

    private PriorityLevelsBuilder levels(Selection selection, PriorityLevelsBuilder.@Nullable Former former) {
        int tiers = selection.counts().size();
        PriorityLevelsBuilder levels = new PriorityLevelsBuilder(
                selection.decision(), zones, slowStart, pickers, selection.subset(), former, tiers);
        for (int i = 0; i < tiers; i++) {
            levels.add(i, selection.counts().get(i), selection.changed().get(i));
        }
        return levels;
    }

    /** Adds a client's selector of subsets. Returns false if nothing changes. */
    boolean declare(Set<String> keys) {
        return subsets.declare(keys);
    }

    private List<TierCounts> counts() {
        return last == null ? List.of() : last.counts();
    }

    private long[] removable() {
        int percent = Math.max(SURELY_ENOUGH_PERCENT, config.get().panic().thresholdPercent());
        List<TierCounts> tiers = counts();
        long[] most = new long[tiers.size()];
        for (int i = 0; i < most.length; i++) {
            most[i] = tiers.get(i).removable(percent);
        }
        return most;
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
        for (int i = 0; i < removable.length; i++) {
            TierCounts tier = counts().get(i);
            long size = tier.size(node);
            if (tier.priority == node.backend().priority() && removable[i] >= size) {
                removable[i] -= size;
                node.updateSessions();
                node.close(reason);
            }
        }
    }

    private void announce(List<TierStatus> now) {
        for (TierStatus after : now) {
            TierStatus before = null;
            for (TierStatus earlier : announcedTiers) {
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
        announcedTiers = now;
    }
}
