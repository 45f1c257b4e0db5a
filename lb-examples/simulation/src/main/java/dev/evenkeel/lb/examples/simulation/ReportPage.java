package dev.evenkeel.lb.examples.simulation;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;

/** The page about a study. */
final class ReportPage {

    private static final String INTRODUCTION = """
            # Strategies on a virtual clock

            Written by `mvn -q -pl lb-examples/simulation -am compile exec:java -Dexec.args=report` (some minutes), from
            [results.csv](results.csv); a test runs a part of it again and compares. The simulator drives the library's own strategies,
            breakers and ejection through its clock and its timers: nothing of them is copied, and every run of a seed is the same on
            every machine.

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

            """;

    private static final String MANY_CLIENTS = """
            ## Many clients

            The same servers and the same calls, from 100, 300 and 1,000 clients: of a thousand each makes 5.6 calls a second, and calls a
            server once in 3.6 s. What a client knows of a server is little, and mostly old.

            """;

    private static final String CLIENT_PAUSES = """
            ## A client that pauses

            One client of five servers, one of which is ten times as slow; 60 s are measured, the work is log-normal with a
            99th percentile of twice the mean. Every 5 s the process of the client stands still for 100 ms, as in a garbage collection:
            the calls that are due meanwhile start together when it ends, and the answers that came meanwhile are seen together. The
            time of a call counts from when it was due, so the pause itself is in the tail of every policy. The share is that of the slow
            server in the calls that are due in a pause or in the 300 ms after it.

            """;

    private static final String TIMELINE = """
            ## A server that becomes slow

            One of twenty servers takes ten times as long from second 15 to second 33. An equal share is 5 %.
            `adaptive` leaves it alone and is in no hurry to come back: what it knows of a latency fades over up to 20 s, and the other
            nineteen have room. `roundRobin` does not notice; with the ejection around it (guarded) it does.

            ![Share of the slow server over time](slow-server.svg)

            """;

    private final Study study;

    ReportPage(Study study) {
        this.study = study;
    }

    String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION
                .replace("{clients}", String.valueOf(Study.CLIENTS))
                .replace("{seeds}", String.valueOf(Study.SEEDS)));
        text.append("## p99, ms\n\n");
        table(text, Study.fewClients(), this::p99);
        text.append("## Errors\n\n");
        table(text, Study.fewClients(), this::errors);
        text.append("![The same as bars](latency.svg)\n\n");
        text.append(MANY_CLIENTS);
        text.append("### p99 with many clients, ms\n\n");
        table(text, Study.manyClients(), this::p99);
        text.append("### Errors with many clients\n\n");
        table(text, Study.manyClients(), this::errors);
        text.append(CLIENT_PAUSES);
        text.append("### p99.9 with pauses, ms\n\n");
        table(text, Study.clientPauses(), (scenario, policy) -> millis(study.p999Millis(scenario, policy)));
        text.append("### Share of the slow server after a pause\n\n");
        table(text, Study.clientPauses(), (scenario, policy) -> percent(study.afterPausesPercent(scenario, policy)));
        return text.append(TIMELINE.strip()).append('\n').toString();
    }

    private String p99(String scenario, String policy) {
        return millis(study.p99Millis(scenario, policy));
    }

    private String errors(String scenario, String policy) {
        return percent(study.errorPercent(scenario, policy));
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f", millis);
    }

    /** The cell is that of a scenario and a policy. */
    private void table(StringBuilder text, List<Scenario> columns, BinaryOperator<String> cell) {
        List<String> scenarios = columns.stream().map(Scenario::name).toList();
        row(text, "", scenarios);
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

    private static void row(StringBuilder text, String head, Collection<String> cells) {
        text.append("| ")
                .append(head)
                .append(" | ")
                .append(String.join(" | ", cells))
                .append(" |\n");
    }

    private static String shown(String policy) {
        return switch (Policy.kind(policy)) {
            case "reference" -> policy;
            case "guarded" -> "`" + policy.replace(", guarded", "`, guarded");
            default -> "`" + policy + "`";
        };
    }

    /** Three figures, or none for nothing. */
    static String percent(double percent) {
        return percent == 0 ? "0" : String.format(Locale.ROOT, percent >= 1 ? "%.1f %%" : "%.3f %%", percent);
    }
}
