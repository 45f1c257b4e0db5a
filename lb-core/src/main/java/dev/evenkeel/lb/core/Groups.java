package dev.evenkeel.lb.core;

import dev.evenkeel.lb.core.log.Containment;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.PoolFigures;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes pickers, and keeps them: a group whose members and weights are the same keeps its picker, and one that changes has
 * a predecessor, so that nothing restarts. Runs under the registry's lock.
 */
final class Groups {
    /** Groups out of use are kept for their return, up to this many. */
    private static final int KEPT = 64;

    private final Settings settings;
    private final PoolFigures figures;
    private final Map<Group.Key, Group> previous = new HashMap<>();
    private final Map<Group.Key, Seat> seats = new HashMap<>();
    private final Set<Group.Key> inUse = new HashSet<>();
    private final Map<Group.Key, AtomicInteger> turns = new HashMap<>();
    /** The whole pool: a group of as many is the same list. */
    private Members all = Members.NONE;

    Groups(Settings settings, PoolFigures figures) {
        this.settings = settings;
        this.figures = figures;
    }

    /** The whole pool is these from now on. */
    void whole(Members present) {
        all = present;
    }

    /** A new snapshot begins, of which every group will be asked for. */
    void begin() {
        if (previous.size() > inUse.size() + KEPT) {
            previous.keySet().retainAll(inUse);
            turns.keySet().retainAll(inUse);
            seats.keySet().retainAll(inUse);
        }
        inUse.clear();
    }

    /** The group of these backends, whose weights are set. */
    Group group(Group.Key key, List<BackendNode> nodes) {
        Group group = keptOrNew(key, nodes.size() == all.size() ? all : Members.copyOf(nodes));
        Seat seat = seat(key, group);
        for (BackendNode node : nodes) {
            if (key.subset() == null || node.inSubsetsOnly()) {
                node.sit(seat);
            }
        }
        return group;
    }

    /**
     * A group of the whole pool after some backends have changed, whose weights are set.
     *
     * @param before as it was; null if it was empty
     * @param touched those that may have changed, in order
     * @param present those of them who belong to it now
     * @return null if it is empty
     */
    @Nullable
    Group amended(Group.Key key, @Nullable Group before, List<BackendNode> touched, List<BackendNode> present) {
        if (before == null) {
            return present.isEmpty() ? null : group(key, present);
        }
        Splice splice = new Splice(before.nodes, touched, present);
        if (splice.size() == 0) {
            return null;
        }
        Group group = amended(key, before, splice);
        Seat seat = seat(key, group);
        present.forEach(node -> node.sit(seat));
        return group;
    }

    private Group amended(Group.Key key, Group before, Splice splice) {
        inUse.add(key);
        List<CandidateChange> changes = splice.changes(before.weights);
        if (changes.isEmpty()) {
            return before;
        }
        Members members = splice.size() == all.size() ? all : splice.members();
        Group group = new Group(members, splice.weights(before.weights), picker(members, before.picker, changes));
        previous.put(key, group);
        return group;
    }

    private Seat seat(Group.Key key, Group group) {
        Seat seat = seats.computeIfAbsent(key, of -> new Seat(group.picker));
        seat.picker = group.picker;
        return seat;
    }

    private Group keptOrNew(Group.Key key, Members nodes) {
        inUse.add(key);
        Group before = previous.get(key);
        MemberWeights weights = MemberWeights.of(nodes);
        if (before != null && before.isSame(nodes, weights)) {
            return before;
        }
        Group group = new Group(nodes, weights, picker(nodes, before == null ? null : before.picker, null));
        previous.put(key, group);
        return group;
    }

    private Picker picker(Members members, @Nullable Picker predecessor, @Nullable List<CandidateChange> changes) {
        List<Candidate> candidates = Collections.unmodifiableList(members);
        try {
            return settings.strategy()
                    .newPicker(new Context(
                            candidates, predecessor, changes, settings.random(), settings.timeSource(), figures));
        } catch (RuntimeException | Error e) {
            // The snapshot is made all the same; what must be thrown on is thrown when the lock is free.
            settings.events().add(() -> Containment.rethrowFatal(e));
            String fault = "it could not make a picker: " + e;
            return request -> {
                throw new IllegalStateException(fault, e);
            };
        }
    }

    /** Where the turns of the zones of a tier, or of a subset's part of it, are. */
    AtomicInteger turn(Group.Key tier) {
        inUse.add(tier);
        return turns.computeIfAbsent(
                tier, key -> new AtomicInteger(settings.random().nextInt()));
    }

    private record Context(
            List<Candidate> candidates,
            @Nullable Picker predecessor,
            @Nullable List<CandidateChange> changes,
            RandomGenerator random,
            TimeSource timeSource,
            PoolFigures figures)
            implements PickerContext {}
}
