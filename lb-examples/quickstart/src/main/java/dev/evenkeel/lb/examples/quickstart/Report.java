package dev.evenkeel.lb.examples.quickstart;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The run in words: the table, which shows the pools' own figures, and the end, which shows what the caller saw. */
final class Report {
    /** A pool may have thousands. */
    private static final int MAX_ROWS = 20;

    private static final Set<Outcome> ERRORS = EnumSet.of(
            Outcome.SERVER_ERROR,
            Outcome.GATEWAY_ERROR,
            Outcome.THROTTLED,
            Outcome.NEVER_SENT,
            Outcome.TIMED_OUT,
            Outcome.FAILED);

    private final List<LoadBalancer> pools;
    private final Tally tally;

    Report(List<LoadBalancer> pools, Tally tally) {
        this.pools = pools;
        this.tally = tally;
    }

    List<String> table(String clock) {
        List<String> lines = new ArrayList<>();
        lines.add(clock + "  calls " + tally.calls() + ", failed " + tally.failures());
        lines.add(row("backend", "address", "health", "requests", "in flight", "latency", "errors"));
        int backends = 0;
        for (LoadBalancer pool : pools) {
            PoolSnapshot snapshot = pool.snapshot();
            for (BackendStatus status : snapshot.backends()) {
                if (++backends <= MAX_ROWS) {
                    lines.add(row(status, pools.size() == 1 ? "" : pool.name() + "/"));
                }
            }
        }
        if (backends > MAX_ROWS) {
            lines.add("  and " + (backends - MAX_ROWS) + " more");
        }
        return lines;
    }

    private static String row(BackendStatus status, String prefix) {
        Duration latency = status.latency();
        return row(
                prefix + status.backend().id(),
                status.backend().host() + ":" + status.backend().port(),
                health(status),
                Long.toString(status.requests()),
                Integer.toString(status.inFlight()),
                latency == null ? "-" : String.format(Locale.ROOT, "%.1f ms", latency.toNanos() / 1e6),
                Long.toString(errors(status)));
    }

    private static String row(
            String backend,
            String address,
            String health,
            String requests,
            String inFlight,
            String latency,
            String errors) {
        return String.format(
                Locale.ROOT,
                "  %-16s %-21s %-13s %9s %9s %9s %6s",
                backend,
                address,
                health,
                requests,
                inFlight,
                latency,
                errors);
    }

    static String health(BackendStatus status) {
        if (status.adminState() == AdminState.DRAINING && status.inFlight() == 0) {
            return "drained";
        } else if (!status.isEligible()) {
            return status.ineligibilities().stream().map(Ineligibility::text).collect(Collectors.joining(", "));
        } else if (status.breaker() == BreakerState.HALF_OPEN) {
            return "on trial";
        }
        return status.health() == HealthState.UP ? "up" : "not checked";
    }

    private static long errors(BackendStatus status) {
        return ERRORS.stream().mapToLong(status::count).sum();
    }

    /** What the caller saw; the last line is the one that counts. */
    List<String> end(Duration elapsed) {
        List<String> lines = new ArrayList<>();
        tally.failuresByReason().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(reason -> lines.add(reason.getValue() + (reason.getValue() == 1 ? " call" : " calls")
                        + " failed: " + reason.getKey()));
        long attempts = pools.stream()
                .flatMap(pool -> pool.snapshot().backends().stream())
                .mapToLong(Report::errors)
                .sum();
        lines.add(String.format(
                Locale.ROOT,
                "took %.1f s, %.0f calls a second, by %s; attempts that failed: %d",
                elapsed.toMillis() / 1_000.0,
                tally.calls() * 1_000.0 / Math.max(1, elapsed.toMillis()),
                tally.answersByProtocol().isEmpty()
                        ? "no protocol"
                        : String.join(" and ", tally.answersByProtocol().keySet()),
                attempts));
        lines.add("calls sent " + tally.calls() + ", calls failed " + tally.failures() + ", distribution: "
                + distribution());
        return lines;
    }

    private String distribution() {
        Map<String, Long> answers = tally.answersByBackend();
        double all = answers.values().stream().mapToLong(Long::longValue).sum();
        StringJoiner joined = new StringJoiner(", ").setEmptyValue("no answers");
        answers.forEach((backend, count) ->
                joined.add(String.format(Locale.ROOT, "%s %d (%.1f %%)", backend, count, 100 * count / all)));
        return joined.toString();
    }
}
