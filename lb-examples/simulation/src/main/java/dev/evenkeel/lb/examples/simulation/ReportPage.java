package dev.evenkeel.lb.examples.simulation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;

/** The page about a study. */
final class ReportPage {

    private static final String INTRODUCTION = """
            # Strategies on a virtual clock

            Written by `mvn -q -pl lb-examples/simulation -am compile exec:java -Dexec.args=report` (about an hour), from
            [results.csv](results.csv); a test runs a part of it again and compares. With `-Dexec.args=missing` it keeps the rows that are
            there and makes the missing ones: those of a new strategy, or of a changed one after its rows have been deleted. `"missing 1"`
            uses one processor instead of all. The simulator drives the library's own strategies, breakers and ejection through its clock and its timers:
            nothing of them is copied, and every run of a seed is the same on every machine.

            {clients} clients, each with a pool of its own that knows nothing of the others, call 20 servers of 4 workers behind one queue.
            The work is log-normal (mean 10 ms, 99th percentile 6.2 times that), arrivals are a Poisson process at 70 % of what the
            servers can carry, a call gives up after 1 s, no client retries unless a scenario says so. 40 s are measured after 5 s of warm-up; faults of single
            servers last from second 15 to 33. Each figure is the mean of {seeds} seeds, all of which every policy gets alike.

            - **speeds 0.5–2**: of four servers one is half as fast as usual and one twice.
            - **stalls**: each server is 10 times slower for 2 s in each 20 s, two of them at any time.
            - **fail-fast**: one server answers 500 in 1 ms. **crash of 2**: two lose what they have and refuse connections.
              **hang**: one takes calls and never answers.
            - **rolling restart**: every 2 s a server leaves; 1 s later another comes under a new address, cold (5 times slower for 3 s).
            - **all at once**: uneven speeds, stalls, one failing fast, one crashed, one hung.
            - **brown-out**: half of the servers answer 500 in 1 ms from second 25 to 45, so the other half is asked for 140 % of what
              it can do; 45 s are measured. Clients retry twice, under the standard budget. The excess alone is 12.7 % of all calls. The omniscient
              policy uses no server that fails, so it overloads the others, and most of their calls time out.

            *Omniscient* knows every queue, speed and fault at every moment, as no client can. Names with a space are textbook policies
            to compare with, names in code are ours as they are, *guarded* ones have the breaker and the ejection around them that a
            pool has by default.

            - `resourceBased`: each response reports the requests and errors of the last second, and the busy share of its workers.
            - `adaptive`, load reports: `Strategies.adaptiveWithLoadReports()`. Each client polls a server for its requests in flight 20
              times a second, and a poll takes no time: a load that no other row has.
            - All weights are equal. So `weightedLeastConnections` is `leastConnections`, and `weightedRoundRobin` is `roundRobin` in
              another order.
            - `ipHash` and `consistentHash` are left out: a call's key decides where it goes, and the load does not.

            """;

    private static final String MANY_CLIENTS = """
            ## Many clients

            The same servers and the same calls, from 30 to 3,000 clients: of a thousand each makes 5.6 calls a second, and calls a
            server once in 3.6 s. What a client knows of a server is little, and mostly old. A cell has the p99 in ms and the errors. It is
            of one seed for `adaptive`, load reports from {manyPolls} clients on, since polls of many clients are more than all calls.

            """;

    private static final String CLIENT_PAUSES = """
            ## A client that pauses

            One client of five servers, one of which is ten times as slow; 60 s are measured, the work is log-normal with a
            99th percentile of twice the mean. Every 5 s the process of the client stands still for a while, as in a garbage collection:
            the calls that are due meanwhile start together when it ends, and the answers that came meanwhile are seen together. The
            time of a call counts from when it was due, so the pause itself is in the tail of every policy. The share is that of the slow
            server in the calls that are due in a pause or in the 300 ms after it. The slow server can do 40 calls a second: at 600 calls/s an
            even share of them is three times that, most of these calls time out, and no latency has them.

            """;

    private static final String TIMELINE = """
            ## A server that becomes slow

            One of twenty servers takes ten times as long from second 15 to second 33. An equal share is 5 %.
            `adaptive` leaves it alone and is in no hurry to come back: what it knows of a latency fades over up to 20 s, and the other
            nineteen have room. `roundRobin` does not notice; with the ejection around it (guarded) it does.

            ![Share of the slow server over time](slow-server.svg)

            """;

    private static final String NONE = "–";

    private final Study study;

    ReportPage(Study study) {
        this.study = study;
    }

    String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION
                .replace("{clients}", String.valueOf(Study.CLIENTS))
                .replace("{seeds}", String.valueOf(Study.SEEDS)));
        text.append("## p99, ms\n\n");
        table(text, byName(Study.fewClients()), this::p99);
        text.append("## Errors\n\n");
        table(text, byName(Study.fewClients()), this::errors);
        text.append("![The same as bars](latency.svg)\n\n");
        text.append(MANY_CLIENTS.replace("{manyPolls}", String.valueOf(Study.MANY_POLLS)));
        for (String scenario : Study.WITH_MANY_CLIENTS) {
            text.append("### ").append(scenario).append(", by the number of clients\n\n");
            table(text, Study.manyClients(scenario), this::both);
        }
        text.append(CLIENT_PAUSES);
        for (int callsPerSecond : Study.CALLS_PER_SECOND_WITH_PAUSES) {
            Map<String, String> columns = Study.clientPausesByLength(callsPerSecond);
            text.append("### p99.9 and errors at ")
                    .append(callsPerSecond)
                    .append(" calls/s, by the length of the pause\n\n");
            table(
                    text,
                    columns,
                    (scenario, policy) ->
                            millis(study.mean(scenario, policy, Row::p999Millis)) + " / " + errors(scenario, policy));
            text.append("### Share of the slow server after a pause at ")
                    .append(callsPerSecond)
                    .append(" calls/s\n\n");
            table(text, columns, (scenario, policy) -> percent(study.mean(scenario, policy, Row::afterPausesPercent)));
        }
        text.append(new BetterThanAdaptive(study).text());
        return text.append(TIMELINE.strip()).append('\n').toString();
    }

    private String p99(String scenario, String policy) {
        return millis(study.p99Millis(scenario, policy));
    }

    private String both(String scenario, String policy) {
        String p99 = p99(scenario, policy);
        return p99.equals(NONE) ? NONE : p99 + " / " + errors(scenario, policy);
    }

    private String errors(String scenario, String policy) {
        return percent(study.errorPercent(scenario, policy));
    }

    static String millis(double millis) {
        return Double.isNaN(millis) ? NONE : String.format(Locale.ROOT, "%.1f", millis);
    }

    private static Map<String, String> byName(List<Scenario> scenarios) {
        Map<String, String> columns = new LinkedHashMap<>();
        scenarios.forEach(scenario -> columns.put(scenario.name(), scenario.name()));
        return columns;
    }

    /**
     * A cell is that of a scenario and a policy.
     *
     * @param columns the head and the scenario of each
     */
    private void table(StringBuilder text, Map<String, String> columns, BinaryOperator<String> cell) {
        Collection<String> scenarios = columns.values();
        row(text, "", columns.keySet());
        row(text, "---", scenarios.stream().map(scenario -> "---:").toList());
        for (String policy : study.policyNames()) {
            row(
                    text,
                    shown(policy),
                    scenarios.stream()
                            .map(scenario -> cell.apply(scenario, policy))
                            .toList());
        }
        text.append('\n');
    }

    static void row(StringBuilder text, String head, Collection<String> cells) {
        text.append("| ")
                .append(head)
                .append(" | ")
                .append(String.join(" | ", cells))
                .append(" |\n");
    }

    static String shown(String policy) {
        boolean isName = !Policy.kind(policy).equals("reference");
        return isName ? "`" + policy.replaceFirst("(, .*)?$", "`$1") : policy;
    }

    /** Three figures, or none for nothing. */
    static String percent(double percent) {
        if (Double.isNaN(percent)) {
            return NONE;
        }
        return percent == 0 ? "0" : String.format(Locale.ROOT, percent >= 1 ? "%.1f %%" : "%.3f %%", percent);
    }
}
