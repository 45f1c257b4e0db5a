package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.Table;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page about a large fleet. */
final class FleetPage {
    static final String FILE = "FLEET.md";

    private static final String TEXT = """
            # A thousand clients of ten thousand servers

            ```sh
            export MAVEN_OPTS="-Xms8g -Xmx8g -Xmn1800m -XX:+UseParallelGC -XX:-UseAdaptiveSizePolicy -XX:+UseTransparentHugePages"
            mvn -q -pl lb-examples/simulation -am compile exec:java -Dexec.args=fleet
            ```

            Written by this command on {date} on a machine of {processors} processors, beside other programs, in {minutes} minutes with
            8 GB of heap, from [fleet.csv](fleet.csv), which has the time of each policy. The pools and strategies are the library's
            own, on a virtual clock: the run of a seed is the same on every machine.

            {clients} clients, each with a pool of its own that knows nothing of the others, call {servers} servers of 4 workers behind
            one queue: a quarter of them half as fast as usual, a quarter twice. The work is that of
            [the other scenarios](RESULTS.md) (log-normal, mean 10 ms), at 70 % of what the servers can carry: {rate} calls
            a second. The calls of {seconds} s are measured, after {warmUp} s of warm-up; in this time, four times a second, one server leaves every
            client's list and another one comes, which no client knows. A call gives up after 1 s, no call is retried. The pools have
            neither breaker nor ejection. Clients of a *subset* have {subset} servers each, by `Discoveries.subset`, all others have all.

            In such a fleet a client knows little: it calls a server once in {every} s, and what it sees of a server is a thousandth of
            what the server has to do.

            ## What it shows

            """;

    private static final String FINDINGS = """

            *Load* is the work of the calls that a server gets beside what it can do: of the 10,000 the least but a hundred, the
            median, the most but a hundred, and the most. 70 % each would be even. *Share* is that of the slow, the usual and the fast servers in
            the calls; what they can do is 11, 44 and 44 %. *New* is what a server gets in its first second, as a multiple of what
            others get that are as fast. Percentiles are of the calls that succeeded.

            - `roundRobin` gives the slow quarter a quarter of the calls, half as many again as it can do, and these calls fail.
            - `leastConnections` and `powerOfTwo`, with which no call fails for want of speed where 10 clients have 20 servers, are hardly better
              here: a client's calls are at few of its servers at any time, and it mostly compares nothing with nothing.
            - `adaptive` has enough in one latency of each server: the slow quarter gets less than it can do, no server more, and the
              tail is shorter by three tenths and more. It is in no hurry with newcomers: while thousands are known to be well, they get next
              to nothing in their first second.
            - `adaptive` with a subset knows its servers well, since it calls each thirty times a second, newcomers too: p99 is what it is in
              [*speeds 0.5–2*](RESULTS.md#p99-ms) of ten clients. How many clients a server has is left to chance: a hundredth of the
              servers get more than they can do for the moment, and slow ones next to nothing. A fleet of this size wants subsets.

            """;

    private FleetPage() {}

    static String text(Table table) {
        Scenario scenario = FleetStudy.scenario();
        Table.Row first = table.rows().get(0);
        double seconds = sum(table, "made s") + sum(table, "ran s");
        StringBuilder text = new StringBuilder(TEXT.replace("{date}", first.text("date"))
                .replace("{processors}", first.text("processors"))
                .replace("{minutes}", Table.rounded(0, seconds / 60))
                .replace("{clients}", String.format(Locale.ROOT, "%,d", scenario.clients()))
                .replace(
                        "{servers}",
                        String.format(Locale.ROOT, "%,d", scenario.speeds().size()))
                .replace("{rate}", String.format(Locale.ROOT, "%,.0f", scenario.callsPerSecond()))
                .replace("{warmUp}", String.valueOf(scenario.warmUpNanos() / Scenario.SECOND))
                .replace("{seconds}", String.valueOf((scenario.endNanos() - scenario.warmUpNanos()) / Scenario.SECOND))
                .replace("{subset}", String.valueOf(FleetStudy.SUBSET))
                .replace(
                        "{every}",
                        Table.rounded(1, scenario.clients() * scenario.speeds().size() / scenario.callsPerSecond())));
        text.append("| | p50, ms | p99, ms | p99.9, ms | errors | share, % | load, % | new |\n");
        text.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (Table.Row row : table.rows()) {
            text.append("| ")
                    .append(String.join(
                            " | ",
                            List.of(
                                    row.text("policy").replaceFirst("\\w+", "`$0`"),
                                    row.text("p50 ms"),
                                    row.text("p99 ms"),
                                    row.text("p99.9 ms"),
                                    ReportPage.percent(FleetFigure.errorPercent(row)),
                                    cells(row, "slow share %", "usual share %", "fast share %"),
                                    cells(row, "p1 load %", "median load %", "p99 load %", "most load %"),
                                    row.text("newcomers"))))
                    .append(" |\n");
        }
        return text.append(FINDINGS)
                .append("![Tail, share of the slow servers, spread of load, newcomers](fleet.svg)\n")
                .toString();
    }

    private static String cells(Table.Row row, String... columns) {
        return Stream.of(columns)
                .map(column -> Table.rounded(0, row.number(column)))
                .collect(Collectors.joining(" · "));
    }

    private static double sum(Table table, String column) {
        return table.rows().stream().mapToDouble(row -> row.number(column)).sum();
    }
}
