package dev.evenkeel.lb.core;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.PoolFigures;
import dev.evenkeel.lb.spi.TimeSource;
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
    private final Set<Group.Key> inUse = new HashSet<>();
    private final Map<Group.Key, AtomicInteger> turns = new HashMap<>();

    Groups(Settings settings, PoolFigures figures) {
        this.settings = settings;
        this.figures = figures;
    }

    /** A new snapshot begins. */
    void begin() {
        if (previous.size() > inUse.size() + KEPT) {
            previous.keySet().retainAll(inUse);
            turns.keySet().retainAll(inUse);
        }
        inUse.clear();
    }

    /** The group of these backends, whose weights are set. */
    Group group(Group.Key key, List<BackendNode> nodes) {
        Group group = keptOrNew(key, nodes);
        for (BackendNode node : nodes) {
            if (key.subset() == null || node.inSubsetsOnly) {
                node.picker = group.picker;
            }
        }
        return group;
    }

    private Group keptOrNew(Group.Key key, List<BackendNode> nodes) {
        inUse.add(key);
        Group before = previous.get(key);
        double[] weights = new double[nodes.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = nodes.get(i).weight;
        }
        if (before != null && before.isSame(nodes, weights)) {
            return before;
        }
        List<BackendNode> members = List.copyOf(nodes);
        Group group = new Group(members, weights, picker(List.copyOf(members), before == null ? null : before.picker));
        previous.put(key, group);
        return group;
    }

    private Picker picker(List<Candidate> candidates, @Nullable Picker predecessor) {
        try {
            return settings.strategy()
                    .newPicker(new Context(candidates, predecessor, settings.random(), settings.timeSource(), figures));
        } catch (RuntimeException e) {
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
            RandomGenerator random,
            TimeSource timeSource,
            PoolFigures figures)
            implements PickerContext {}
}
