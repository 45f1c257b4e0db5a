package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolFigures.BackendFigures;
import dev.evenkeel.lb.PoolFigures.ErrorFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** One pool as the page and its JSON show it. */
record PoolRow(PoolSnapshot snapshot, PoolFigures figures) {
    /** Its backends, with {@code key} before their number as the key of each. */
    List<BackendRow> backends(String key) {
        Map<String, BackendFigures> known = figures.backends();
        List<BackendRow> rows = new ArrayList<>(snapshot.backends().size());
        for (BackendStatus status : snapshot.backends()) {
            rows.add(BackendRow.of(
                    key,
                    rows.size(),
                    status,
                    known.getOrDefault(status.backend().id(), BackendFigures.NONE)));
        }
        return rows;
    }

    /** What else is known of the pool: checks, latency, discovery, reload. */
    String facts() {
        StringJoiner text = new StringJoiner(" \u00b7 ");
        text.add(figures.hasChecks() ? "checks on" : "checks off");
        if (figures.latencyNanos() > 0) {
            StringBuilder latency = new StringBuilder("p50 ");
            Decimals.hundredths(latency, figures.latencyNanos() / 1e6).append(" ms, p95 ");
            text.add(Decimals.hundredths(latency, figures.latencyP95Nanos() / 1e6)
                    .append(" ms"));
        }
        text.add("queue " + figures.queued());
        String discovery = discovery();
        if (!discovery.isEmpty()) {
            text.add(discovery);
        }
        long reloadNanos = figures.reloadAgeNanos();
        text.add(
                reloadNanos < 0
                        ? "not reloaded"
                        : "reloaded " + ShortDuration.text(Duration.ofNanos(reloadNanos)) + " ago");
        return text.toString();
    }

    /** Such as {@code discovery Consul service users works, last error 2 min ago: no route}; empty without discovery. */
    private String discovery() {
        String fault = figures.discoveryFault();
        if (fault == null && figures.discoveryAgeNanos() < 0) {
            return "";
        }
        String source = figures.discoverySource();
        StringBuilder text = new StringBuilder("discovery ");
        if (source != null) {
            text.append(source).append(' ');
        }
        ErrorFigures error = figures.discoveryError();
        String age = error == null ? "" : ShortDuration.text(error.age()) + " ago";
        if (fault != null) {
            return text.append("fails: ")
                    .append(fault)
                    .append(error == null ? "" : ", " + age)
                    .toString();
        }
        text.append("works");
        return error == null ? text.toString() : text + ", last error " + age + ": " + error.message();
    }

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
