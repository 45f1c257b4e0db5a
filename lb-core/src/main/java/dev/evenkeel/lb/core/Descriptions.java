package dev.evenkeel.lb.core;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns the pool's state into values for people and monitoring. Runs under the registry's lock. */
final class Descriptions {
    private static final Outcome[] OUTCOMES = Outcome.values();

    private Descriptions() {}

    static PoolSnapshot describe(Settings settings, Snapshot snapshot, long nowNanos) {
        int firstTier = snapshot.tiers().isEmpty() ? 0 : snapshot.tiers().get(0).priority;
        List<BackendStatus> statuses = new ArrayList<>(snapshot.all().size());
        for (BackendNode node : snapshot.all()) {
            statuses.add(describe(node, firstTier, nowNanos));
        }
        return new PoolSnapshot(
                settings.name(), settings.strategy().name(), snapshot.version(), snapshot.closed(), statuses);
    }

    private static BackendStatus describe(BackendNode node, int firstTier, long nowNanos) {
        int inFlight = node.inFlight();
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        long ended = 0;
        for (Outcome outcome : OUTCOMES) {
            long count = node.counted(outcome);
            outcomes.put(outcome, count);
            ended += count;
        }
        double latencyNanos = node.latencyNanos();
        return new BackendStatus(
                node.backend,
                node.adminState,
                node.health,
                node.healthCause,
                node.breakerState,
                node.ejected ? Duration.ofNanos(Math.max(0, node.ejectedUntilNanos - nowNanos)) : null,
                reasons(node, firstTier),
                node.weight,
                inFlight,
                ended + inFlight,
                outcomes,
                latencyNanos > 0 ? Duration.ofNanos((long) latencyNanos) : null,
                node.failureRate(nowNanos));
    }

    private static Set<Ineligibility> reasons(BackendNode node, int firstTier) {
        Set<Ineligibility> reasons = EnumSet.noneOf(Ineligibility.class);
        Ineligibility closedBecause = node.closedBecause;
        if (closedBecause != null) {
            reasons.add(closedBecause);
        } else if (!node.isAvailable()) {
            reasons.add(node.trial ? Ineligibility.EJECTED : Ineligibility.FULL);
        } else if (node.backend.priority() > firstTier) {
            reasons.add(Ineligibility.STANDBY);
        }
        return reasons;
    }
}
