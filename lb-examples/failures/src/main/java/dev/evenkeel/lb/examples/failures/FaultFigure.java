package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.examples.common.BarChart;
import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Scale;
import dev.evenkeel.lb.examples.common.Table;
import java.util.List;

/** What faults and rolling restarts cost, and how that is drawn. */
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
            FaultFigure::faults);
    static final Figure ROLLING = new Figure("rolling", List.of("what", "count"), FaultFigure::rolling);

    /** The first row of what should not happen. */
    private static final int UNTOWARD = 4;

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

    static void add(Table table, RollingRestart.Result result) {
        table.add("calls", result.calls())
                .add("streams", result.streams())
                .add("POSTs", result.orders())
                .add("POSTs in the servers' logs", result.served())
                .add("failed", result.failures().size())
                .add("left by drains", result.left())
                .add("POSTs twice in the logs", result.twice().size())
                .add("POSTs in no log", result.lost().size());
    }

    static List<Figure> all() {
        return List.of(FAULTS, ROLLING);
    }

    private static String faults(Table table) {
        return new BarChart(
                        "What faults of servers cost the calls of a client",
                        "Five nginx servers; the numbers stand in lb-okhttp/docs/figures.md and in faults.csv")
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

    private static String rolling(Table table) {
        List<Table.Row> rows = table.rows();
        double most =
                rows.stream().mapToDouble(row -> row.number("count")).max().orElse(1);
        return new BarChart(
                        "What a rolling restart with drains costs the calls of a client",
                        "Five nginx servers; the numbers stand in lb-okhttp/docs/figures.md and in rolling.csv")
                .block(
                        "one server after the other is drained, stopped, started and used again",
                        "calls",
                        "",
                        Scale.upTo(most),
                        rows.stream()
                                .map(row -> new Bar(
                                        rows.indexOf(row) < UNTOWARD ? "default" : "other",
                                        row.text("what"),
                                        row.number("count"),
                                        row.text("count")))
                                .toList())
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
