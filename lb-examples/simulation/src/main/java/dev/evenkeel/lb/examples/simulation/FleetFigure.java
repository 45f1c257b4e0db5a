package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.BarChart;
import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Scale;
import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** What is counted in a large fleet, and how it is drawn. */
final class FleetFigure {
    static final Figure FLEET = new Figure(
            "fleet",
            List.of(
                    "policy",
                    "calls",
                    "errors",
                    "p50 ms",
                    "p99 ms",
                    "p99.9 ms",
                    "slow share %",
                    "usual share %",
                    "fast share %",
                    "least load %",
                    "p1 load %",
                    "median load %",
                    "p99 load %",
                    "most load %",
                    "newcomers",
                    "made s",
                    "ran s",
                    "heap MB",
                    "processors",
                    "date"),
            FleetFigure::svg);

    private FleetFigure() {}

    static Table numbers(Path folder) throws IOException {
        return Table.read(folder.resolve(FLEET.name() + ".csv"));
    }

    private static String svg(Table table) {
        return new BarChart(
                        "A thousand clients of ten thousand servers: tail, share of slow servers, spread of load, newcomers",
                        "The same numbers stand in the table of FLEET.md and in fleet.csv")
                .block(
                        "p99 of the calls that succeeded",
                        "ms, logarithmic",
                        "errors",
                        new Scale(30, 1_000, true),
                        bars(
                                table,
                                row -> bar(
                                        row,
                                        row.number("p99 ms"),
                                        row.text("p99 ms"),
                                        ReportPage.percent(errorPercent(row)))))
                .block(
                        "what a quarter of the servers gets, which is half as fast as usual",
                        "% of the calls; by what they can do it would be 11.1",
                        "",
                        Scale.upTo(30),
                        bars(table, row -> bar(row, row.number("slow share %"), row.text("slow share %"), "")))
                .block(
                        "load of the servers",
                        "% of what they can do: the median, and of hundred servers all but the least and the most",
                        "most",
                        Scale.upTo(200),
                        bars(
                                table,
                                row -> new Bar(
                                        kind(row.text("policy")),
                                        row.text("policy"),
                                        row.number("median load %"),
                                        row.number("p1 load %"),
                                        row.number("p99 load %"),
                                        row.text("median load %"),
                                        row.text("most load %"))))
                .block(
                        "calls of a new server in its first second",
                        "× those of the others that are as fast as it",
                        "",
                        Scale.upTo(3),
                        bars(table, row -> bar(row, row.number("newcomers"), row.text("newcomers"), "")))
                .svg();
    }

    static double errorPercent(Table.Row row) {
        return 100 * row.number("errors") / row.number("calls");
    }

    private static List<Bar> bars(Table table, Function<Table.Row, Bar> bar) {
        return table.rows().stream().map(bar).toList();
    }

    private static Bar bar(Table.Row row, double number, String shown, String note) {
        return new Bar(kind(row.text("policy")), row.text("policy"), number, Double.NaN, Double.NaN, shown, note);
    }

    private static String kind(String policy) {
        return policy.contains("subset") ? "guarded" : Policy.kind(policy);
    }
}
