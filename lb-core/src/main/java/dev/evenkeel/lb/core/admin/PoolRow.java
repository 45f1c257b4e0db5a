package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import java.util.StringJoiner;

/** One pool as the page and its JSON show it. */
record PoolRow(PoolSnapshot snapshot, PoolFigures figures) {
    /** The state of the pool in one line. */
    String summary() {
        if (snapshot.closed()) {
            return snapshot.strategy() + ", closed";
        }
        long eligible =
                snapshot.backends().stream().filter(BackendStatus::isEligible).count();
        StringJoiner text = new StringJoiner(" · ");
        text.add(snapshot.strategy());
        text.add(eligible + " of " + snapshot.backends().size() + " backends in use");
        text.add(snapshot.inFlight() + (snapshot.inFlight() == 1 ? " call" : " calls") + " in flight");
        if (figures.queued() > 0) {
            text.add(figures.queued() + " wait for room");
        }
        long ageNanos = figures.discoveryAgeNanos();
        if (ageNanos >= 0) {
            text.add("list of " + ageNanos / 1_000_000_000 + " s ago");
        }
        for (TierStatus tier : snapshot.tiers()) {
            if (snapshot.tiers().size() > 1 || tier.panic()) {
                text.add("tier " + tier.priority() + " gets " + tier.loadPercent() + " %, " + tier.healthyPercent()
                        + " % healthy" + (tier.panic() ? ", in panic" : ""));
            }
        }
        return text.toString();
    }
}
