package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendWeights;
import dev.evenkeel.lb.core.internal.backend.PickerRef;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Creates and keeps pickers. A group with unchanged members and weights keeps its picker; a changed group's picker is
 * derived from its predecessor, so that no rotation restarts. Guarded by the registry's lock.
 */
final class PickerCache {
    /** How many unused groups are kept in case they are needed again. */
    private static final int KEPT = 64;

    private final PoolRuntime runtime;
    private final LoadBalancingStrategy strategy;
    private final PoolFigures figures;
    private final DeferredWork deferred;
    private final Map<CandidateGroup.Key, CandidateGroup> previous = new HashMap<>();
    private final Map<CandidateGroup.Key, PickerRef> pickerRefs = new HashMap<>();
    private final Set<CandidateGroup.Key> inUse = new HashSet<>();
    private final Map<CandidateGroup.Key, AtomicInteger> turns = new HashMap<>();
    /** All backends of the pool: a group of the same size shares this list. */
    private BackendList all = BackendList.NONE;

    PickerCache(PoolRuntime runtime, LoadBalancingStrategy strategy, PoolFigures figures, DeferredWork deferred) {
        this.runtime = runtime;
        this.strategy = strategy;
        this.figures = figures;
        this.deferred = deferred;
    }

    /** Whether the pickers are of this strategy. */
    boolean isOf(LoadBalancingStrategy other) {
        return strategy.equals(other);
    }

    /** Sets the list of the whole pool. */
    void whole(BackendList present) {
        all = present;
    }

    /** Begins a new snapshot, which asks for each of its groups. */
    void begin() {
        if (previous.size() > inUse.size() + KEPT) {
            previous.keySet().retainAll(inUse);
            turns.keySet().retainAll(inUse);
            pickerRefs.keySet().retainAll(inUse);
        }
        inUse.clear();
    }

    /** The group of these backends. Their weights must have been set. */
    CandidateGroup group(CandidateGroup.Key key, List<BackendState> nodes) {
        CandidateGroup group = keptOrNew(key, nodes.size() == all.size() ? all : BackendList.copyOf(nodes));
        PickerRef pickerRef = pickerRef(key, group);
        for (BackendState node : nodes) {
            if (key.subset() == null || node.inSubsetsOnly()) {
                node.pickerRef(pickerRef);
            }
        }
        return group;
    }

    /**
     * The whole pool's group after some backends have changed. Their weights must have been set.
     *
     * @param before the previous group
     * @param touched the backends that may have changed, in order
     * @param present the touched backends that belong to the group now
     * @return null if the group is empty
     */
    @Nullable
    CandidateGroup amended(
            CandidateGroup.Key key, CandidateGroup before, List<BackendState> touched, List<BackendState> present) {
        ListPatch patch = new ListPatch(before.nodes, touched, present);
        if (patch.size() == 0) {
            return null;
        }
        CandidateGroup group = amended(key, before, patch);
        PickerRef pickerRef = pickerRef(key, group);
        present.forEach(node -> node.pickerRef(pickerRef));
        return group;
    }

    private CandidateGroup amended(CandidateGroup.Key key, CandidateGroup before, ListPatch patch) {
        inUse.add(key);
        List<CandidateChange> changes = patch.changes(before.weights);
        if (changes.isEmpty()) {
            return before;
        }
        BackendList members = patch.size() == all.size() ? all : patch.members();
        CandidateGroup group =
                new CandidateGroup(members, patch.weights(before.weights), picker(members, before.picker, changes));
        previous.put(key, group);
        return group;
    }

    private PickerRef pickerRef(CandidateGroup.Key key, CandidateGroup group) {
        PickerRef pickerRef = pickerRefs.computeIfAbsent(key, of -> new PickerRef(group.picker));
        pickerRef.picker = group.picker;
        return pickerRef;
    }

    private CandidateGroup keptOrNew(CandidateGroup.Key key, BackendList nodes) {
        inUse.add(key);
        CandidateGroup before = previous.get(key);
        BackendWeights weights = BackendWeights.of(nodes);
        if (before != null && before.isSame(nodes, weights)) {
            return before;
        }
        CandidateGroup group =
                new CandidateGroup(nodes, weights, picker(nodes, before == null ? null : before.picker, null));
        previous.put(key, group);
        return group;
    }

    private Picker picker(BackendList members, @Nullable Picker predecessor, @Nullable List<CandidateChange> changes) {
        List<Candidate> candidates = Collections.unmodifiableList(members);
        try {
            return strategy.newPicker(new Context(
                    candidates, predecessor, changes, runtime.random(), runtime.timeSource(), figures, deferred));
        } catch (RuntimeException | Error e) {
            // The snapshot is built all the same; a fatal error is rethrown once the lock is released.
            runtime.events().add(() -> Containment.rethrowFatal(e));
            String fault = "it could not make a picker: " + Printable.of(e);
            return request -> {
                throw new IllegalStateException(fault, e);
            };
        }
    }

    /** Lets a backend that has left go of its last picker, and so of the backends of its last group. */
    static void forget(BackendState node) {
        node.pickerRef(null);
    }

    /** The turn counter of a tier's zones, or of those of a subset's part of the tier. */
    AtomicInteger turn(CandidateGroup.Key tier) {
        inUse.add(tier);
        return turns.computeIfAbsent(
                tier, key -> new AtomicInteger(runtime.random().nextInt()));
    }

    private record Context(
            List<Candidate> candidates,
            @Nullable Picker predecessor,
            @Nullable List<CandidateChange> changes,
            RandomGenerator random,
            TimeSource timeSource,
            PoolFigures figures,
            DeferredWork deferred)
            implements PickerContext {

        @Override
        public void afterPublication(Runnable work) {
            deferred.add(Objects.requireNonNull(work, "work"));
        }
    }
}
