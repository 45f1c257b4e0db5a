package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.TierStatus;
import dev.evenkeel.lb.event.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.TierChanged;
import dev.evenkeel.lb.spi.PoolFigures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is eligible, and who gets how much. Runs under the registry's lock.
 *
 * <p>In this order: how each backend stands by itself ({@link Standing}), how the tiers share the load, whether one is in
 * panic and who is used because of that ({@link Verdict}), how far newcomers have come ({@link Ramps}), how a tier's zones
 * share its load ({@link Zones}), and which pickers follow ({@link Groups}).
 */
final class SnapshotBuilder {
    /** Between two snapshots, what is observed takes no more of a tier than leaves this much of it in use. */
    private static final int SURELY_ENOUGH_PERCENT = 50;

    private final Settings settings;
    private final Groups groups;
    private final Zones zones;
    private final Ramps ramps;
    private long version;
    private List<Tally> tallies = List.of();
    private long[] spare = {};
    private List<TierStatus> told = List.of();

    SnapshotBuilder(Settings settings, PoolFigures figures) {
        this.settings = settings;
        this.groups = new Groups(settings, figures);
        this.zones = new Zones(settings.zones(), settings.priorities());
        this.ramps = new Ramps(settings.slowStart(), settings.strategy().usesWeights());
    }

    Ramps ramps() {
        return ramps;
    }

    Snapshot build(List<BackendNode> all, boolean closed) {
        if (closed) {
            return new Snapshot(version++, List.of(), Draw.FIRST, List.of(), all, true);
        }
        tallies = tally(all);
        ramps.update(all, settings.timeSource().nanoTime());
        Verdict verdict = Verdict.of(settings.priorities(), settings.panic(), tallies);
        Levels levels = new Levels(verdict, zones, ramps, groups);
        groups.begin();
        for (int i = 0; i < tallies.size(); i++) {
            Tally tally = tallies.get(i);
            for (BackendNode node : tally.members) {
                node.close(verdict.ineligibility(i, node));
            }
            levels.add(i, tally);
        }
        spare = spare();
        announce(levels.tiers());
        return new Snapshot(version++, levels.inOrder(), levels.draw(), levels.tiers(), all, false);
    }

    private List<Tally> tally(List<BackendNode> all) {
        @Nullable Tally[] byPriority = new Tally[Backend.MAX_PRIORITY + 1];
        stand(all);
        for (BackendNode node : all) {
            node.idleBecause = null;
            node.updateSessions();
            if (node.standing == Standing.LEAVING) {
                node.close(Ineligibility.DRAINING);
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
        if (reason == null || node.closedBecause() != null) {
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
