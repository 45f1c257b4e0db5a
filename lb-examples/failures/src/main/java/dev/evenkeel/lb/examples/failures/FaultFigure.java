package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.examples.common.BarChart;
import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Scale;
import dev.evenkeel.lb.examples.common.Table;
import java.util.List;

/** What faults cost, and how that is drawn. */
final class FaultFigure {
    static final Figure FAULTS = new Figure(
            "faults",
            List.of(
                    "fault",
                    "calls",
                    "failed",
                    "share before %",
                    "attempts",
                    "share %",
                    "stop ms",
                    "afterwards",
                    "return ms"),
            FaultFigure::draw);

    private FaultFigure() {}

    static void add(Table table, Row row) {
        table.add(
                row.fault().title(),
                row.calls(),
                row.failures().size(),
                Table.rounded(1, row.shareBeforePercent()),
                row.attempts(),
                Table.rounded(2, row.sharePercent()),
                row.stopMillis(),
                row.afterStop(),
                row.returnMillis());
    }

    private static String draw(Table table) {
        return new BarChart(
                        "What faults of servers cost the calls of a client",
                        "Five nginx servers; the numbers stand in lb-core/HEALTH.md and in faults.csv")
                .block(
                        "calls that failed",
                        "% of the calls",
                        "of all",
                        Scale.upTo(100),
                        table.rows().stream().map(FaultFigure::failed).toList())
                .block(
                        "from the fault to the last call to those hit",
                        "ms",
                        "attempts",
                        Scale.upTo(2_000),
                        bars(table, "stop ms", "attempts"))
                .block(
                        "from the end of the fault to their first answers",
                        "ms",
                        "",
                        Scale.upTo(20_000),
                        bars(table, "return ms", ""))
                .svg();
    }

    private static Bar failed(Table.Row row) {
        double percent = 100 * row.number("failed") / row.number("calls");
        return new Bar(
                percent > 0 ? "other" : "default",
                row.text("fault"),
                percent,
                Double.NaN,
                Double.NaN,
                row.text("failed"),
                row.text("calls"));
    }

    private static List<Bar> bars(Table table, String column, String note) {
        return table.rows().stream()
                .map(row -> new Bar(
                        "ours",
                        row.text("fault"),
                        row.number(column),
                        Double.NaN,
                        Double.NaN,
                        row.text(column).isEmpty() ? "never" : row.text(column),
                        note.isEmpty() ? "" : row.text(note)))
                .toList();
    }
}
