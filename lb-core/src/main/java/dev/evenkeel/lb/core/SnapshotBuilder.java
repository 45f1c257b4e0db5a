package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.PoolFigures;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is eligible and makes the pickers. Runs under the registry's lock.
 *
 * <p>Observation (ejection, breaker) takes a backend out unless that would go too far: a backend that cannot be reached is
 * out as long as another one is left, since it has no capacity to lose; one that answers with errors only while at most
 * half of the pool is out, since with more the fault is likely to be elsewhere and the rest would be overrun.
 */
final class SnapshotBuilder {
    private final Settings settings;
    private final PoolFigures figures;
    private final Map<Integer, Snapshot.Tier> previous = new HashMap<>();
    private long version;

    SnapshotBuilder(Settings settings, PoolFigures figures) {
        this.settings = settings;
        this.figures = figures;
    }

    Snapshot build(List<BackendNode> all, boolean closed) {
        Map<Integer, List<BackendNode>> eligible = new TreeMap<>();
        if (!closed) {
            judge(all);
            for (BackendNode node : all) {
                if (node.closedBecause == null) {
                    node.weight = node.backend.weight();
                    eligible.computeIfAbsent(node.backend.priority(), p -> new ArrayList<>())
                            .add(node);
                }
            }
        }
        List<Snapshot.Tier> tiers = new ArrayList<>(eligible.size());
        eligible.forEach((priority, nodes) -> tiers.add(tier(priority, nodes)));
        return new Snapshot(version++, List.copyOf(tiers), all, closed);
    }

    private void judge(List<BackendNode> all) {
        int serving = 0;
        int unreachable = 0;
        int failing = 0;
        for (BackendNode node : all) {
            if (Ejections.inService(node)) {
                serving++;
                if (isUnreachable(node)) {
                    unreachable++;
                } else if (isFailing(node)) {
                    failing++;
                }
            }
        }
        boolean takeUnreachable = unreachable < serving;
        boolean takeFailing = (unreachable + failing) * 2 <= serving && unreachable + failing < serving;
        for (BackendNode node : all) {
            node.closedBecause = reason(node, takeUnreachable, takeFailing);
        }
    }

    private static @Nullable Ineligibility reason(BackendNode node, boolean takeUnreachable, boolean takeFailing) {
        if (node.removed || node.adminState == AdminState.DRAINING) {
            return Ineligibility.DRAINING;
        }
        if (node.adminState == AdminState.MAINTENANCE) {
            return Ineligibility.MAINTENANCE;
        }
        if (!Ejections.inService(node)) {
            return Ineligibility.DOWN;
        }
        if (isUnreachable(node) ? takeUnreachable : takeFailing && isFailing(node)) {
            return node.breakerState == BreakerState.OPEN ? Ineligibility.BREAKER_OPEN : Ineligibility.EJECTED;
        }
        return null;
    }

    private static boolean isUnreachable(BackendNode node) {
        return node.breakerState == BreakerState.OPEN && node.unreachable;
    }

    private static boolean isFailing(BackendNode node) {
        return node.ejected || node.breakerState == BreakerState.OPEN;
    }

    /** A tier whose members and weights are the same keeps its picker, so that nothing restarts. */
    private Snapshot.Tier tier(int priority, List<BackendNode> nodes) {
        Snapshot.Tier before = previous.get(priority);
        double[] weights = nodes.stream().mapToDouble(BackendNode::weight).toArray();
        if (before != null && before.isSame(nodes, weights)) {
            return before;
        }
        List<Candidate> candidates = List.copyOf(nodes);
        Picker predecessor = before == null ? null : before.picker;
        Picker picker;
        try {
            picker = settings.strategy()
                    .newPicker(new Context(candidates, predecessor, settings.random(), settings.timeSource(), figures));
        } catch (RuntimeException e) {
            String fault = "it could not make a picker: " + e;
            picker = request -> {
                throw new IllegalStateException(fault, e);
            };
        }
        Snapshot.Tier tier = new Snapshot.Tier(priority, List.copyOf(nodes), weights, picker);
        previous.put(priority, tier);
        return tier;
    }

    private record Context(
            List<Candidate> candidates,
            @Nullable Picker predecessor,
            RandomGenerator random,
            TimeSource timeSource,
            PoolFigures figures)
            implements PickerContext {}
}
