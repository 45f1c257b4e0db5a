package dev.evenkeel.lb.examples.simulation;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

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
            servers can carry, a call gives up after 1 s, nobody retries. 40 s are measured after 5 s of warm-up; faults of single
            servers last from second 15 to 33. Each figure is the mean of {seeds} seeds, all of which every policy gets alike.

            - **speeds 0.5–2**: of four servers one is half as fast as usual and one twice.
            - **stalls**: each server is 10 times slower for 2 s in each 20 s, two of them at any time.
            - **fail-fast**: one server answers 500 in 1 ms. **crash of 2**: two lose what they have and refuse connections.
              **hang**: one takes calls and never answers.
            - **rolling restart**: every 2 s a server leaves; 1 s later another comes under a new address, cold (5 times slower for 3 s).
            - **all at once**: uneven speeds, stalls, one failing fast, one crashed, one hung.

            *Omniscient* knows every queue, speed and fault at every moment, as no client can. Names with a space are textbook policies
            to compare with, names in code are ours as they are, *guarded* ones have the breaker and the ejection around them that a
            pool has by default.

            """;

    private static final String TIMELINE = """
            ## A server that becomes slow

            One of twenty servers takes ten times as long from second 15 to second 33. An equal share is 5 %.
            `adaptive` leaves it alone and is in no hurry to come back: what it knows of a latency fades over 20 s, and the other
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
        table(text, scenario -> policy -> String.format(Locale.ROOT, "%.1f", study.p99Millis(scenario, policy)));
        text.append("## Errors\n\n");
        table(text, scenario -> policy -> percent(study.errorPercent(scenario, policy)));
        text.append("![The same as bars](latency.svg)\n\n");
        return text.append(TIMELINE.strip()).append('\n').toString();
    }

    private void table(StringBuilder text, Function<String, Function<String, String>> cell) {
        Collection<String> scenarios = study.scenarioNames();
        row(text, "", List.copyOf(scenarios));
        row(text, "---", scenarios.stream().map(scenario -> "---:").toList());
        for (String policy : study.policyNames()) {
            row(
                    text,
                    shown(policy),
                    scenarios.stream()
                            .map(scenario -> cell.apply(scenario).apply(policy))
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
