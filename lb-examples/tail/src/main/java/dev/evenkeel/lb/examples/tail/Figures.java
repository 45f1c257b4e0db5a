package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.examples.common.BarChart;
import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Scale;
import dev.evenkeel.lb.examples.common.Table;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is measured here, and how it is drawn. */
final class Figures {
    static final Figure WHOLE_CALL = new Figure(
            "whole-call",
            List.of(
                    "way",
                    "figure",
                    "value",
                    "ratio",
                    "ratio p10",
                    "ratio p90",
                    "to roundRobin",
                    "to roundRobin p10",
                    "to roundRobin p90",
                    "failed"),
            Figures::wholeCall);
    static final Figure TAIL = new Figure(
            "tail",
            List.of(
                    "trouble",
                    "way",
                    "calls",
                    "failed",
                    "requests per call",
                    "p50 ms",
                    "p99 ms",
                    "p99.9 ms",
                    "late ms"),
            Figures::tail);
    static final Figure STRATEGIES = new Figure(
            "strategies",
            List.of(
                    "strategy",
                    "calls",
                    "failed",
                    "slow share %",
                    "p50 ms",
                    "p99 ms 4 s to 14 s",
                    "p99 ms from 40 s",
                    "late ms"),
            Figures::strategies);
    static final Figure HEDGING = new Figure(
            "hedging",
            List.of(
                    "strategy",
                    "hedged",
                    "calls",
                    "failed",
                    "requests per call",
                    "p50 ms",
                    "p99 ms",
                    "p99.9 ms",
                    "late ms"),
            Figures::hedging);
    static final Figure OUTAGE =
            new Figure("outage", List.of("span", "calls", "failed", "requests", "requests a second"), Figures::outage);

    static final Figure SCRAPED = new Figure(
            "scraped",
            List.of(
                    "percentile",
                    "without ms",
                    "with ms",
                    "ratio",
                    "ratio least",
                    "ratio most",
                    "calls",
                    "failed",
                    "scrapes",
                    "failed scrapes"),
            Figures::scraped);

    private static final Map<String, String> UNITS =
            Map.of("median us", " µs", "calls a second", "/s", "cpu us", " µs");

    private Figures() {}

    static List<Figure> all() {
        return List.of(WHOLE_CALL, TAIL, STRATEGIES, HEDGING, OUTAGE, SCRAPED);
    }

    private static String wholeCall(Table table) {
        BarChart chart = new BarChart(
                "A whole call beside direct calls, HAProxy and NGINX",
                "As multiples of Evenkeel's adaptive; the numbers stand in RESULTS.md and in whole-call.csv");
        Map<String, String> heads = Map.of(
                "median us", "the median of a call, one thread: less is better",
                "calls a second", "calls a second, eight threads: more is better",
                "cpu us", "processor time of a call in client, proxy and servers: less is better");
        Scale scale = Scale.upTo(Math.max(2, most(table.rows(), "ratio p90")));
        for (String figure : table.texts("figure")) {
            List<Bar> bars = table.rows("figure", figure).stream()
                    .map(row -> new Bar(
                            kind(row.text("way")),
                            row.text("way"),
                            row.number("ratio"),
                            row.number("ratio p10"),
                            row.number("ratio p90"),
                            row.text("ratio"),
                            row.text("value") + UNITS.get(figure)))
                    .toList();
            chart.block(
                    heads.getOrDefault(figure, figure), "× Evenkeel, in eight of ten rounds", "median", scale, bars);
        }
        return chart.svg();
    }

    private static String tail(Table table) {
        BarChart chart = new BarChart(
                "The tail of latency beside HAProxy and NGINX",
                "Five servers, the same arrivals for each way; the numbers stand in RESULTS.md and in tail.csv");
        Map<String, String> heads = Map.of(
                "none", "no trouble",
                "one is slow", "one of five servers is 10 times slower",
                "one stalls at times", "one of five servers stalls for 500 ms on 1 % of its requests");
        double least = table.rows().stream()
                .mapToDouble(row -> row.number("p99 ms"))
                .min()
                .orElse(1);
        Scale scale = Scale.decades(least, most(table.rows(), "p99.9 ms"));
        for (String trouble : table.texts("trouble")) {
            List<Bar> bars = Stream.of("p99 ms", "p99.9 ms")
                    .flatMap(percentile -> table.rows("trouble", trouble).stream()
                            .map(row -> millis(
                                    kind(row.text("way")),
                                    row.text("way") + ", " + percentile.replace(" ms", ""),
                                    row,
                                    percentile)))
                    .toList();
            chart.block(heads.getOrDefault(trouble, trouble), "ms, logarithmic", "failed", scale, bars);
        }
        return chart.svg();
    }

    private static String strategies(Table table) {
        BarChart chart = new BarChart(
                "The tail of latency of strategies while one of five servers is 10 times slower",
                "The oracle never uses the slow server; the numbers stand in strategies.csv");
        for (String column : List.of("p99 ms 4 s to 14 s", "p99 ms from 40 s")) {
            chart.block(
                    column.replace("p99 ms", "p99,"),
                    "ms, logarithmic",
                    "failed",
                    Scale.decades(10, most(table.rows(), column)),
                    bars(table, row -> millis(kind(row.text("strategy")), row.text("strategy"), row, column)));
        }
        return chart.block(
                        "share of the slow server from 4 s on",
                        "% of the calls",
                        "",
                        Scale.upTo(Math.max(5, most(table.rows(), "slow share %"))),
                        bars(
                                table,
                                row -> new Bar(
                                        kind(row.text("strategy")),
                                        row.text("strategy"),
                                        row.number("slow share %"),
                                        row.text("slow share %") + " %")))
                .svg();
    }

    private static String hedging(Table table) {
        BarChart chart = new BarChart(
                "The tail of latency with and without hedging while one of five servers stalls at times",
                "The same arrivals for both, at the same time; the numbers stand in hedging.csv");
        Scale scale = Scale.decades(1, most(table.rows(), "p99.9 ms"));
        for (String percentile : List.of("p99 ms", "p99.9 ms")) {
            chart.block(
                    percentile.replace(" ms", ""), "ms, logarithmic", "requests per call", scale, bars(table, row -> {
                        boolean hedged = row.text("hedged").equals("yes");
                        return new Bar(
                                hedged ? "default" : "ours",
                                row.text("strategy") + (hedged ? ", hedged" : ""),
                                row.number(percentile),
                                Double.NaN,
                                Double.NaN,
                                row.text(percentile),
                                row.text("requests per call"));
                    }));
        }
        return chart.svg();
    }

    private static String outage(Table table) {
        return new BarChart(
                        "What comes to the servers of a pool before, during and after an outage of all of them",
                        "The arrivals are the same throughout: retries would show; the numbers stand in outage.csv")
                .block(
                        "all servers fail, and work again",
                        "requests a second",
                        "calls",
                        Scale.upTo(most(table.rows(), "requests a second")),
                        bars(
                                table,
                                row -> new Bar(
                                        row.text("span").equals("outage") ? "guarded" : "default",
                                        row.text("span"),
                                        row.number("requests a second"),
                                        Double.NaN,
                                        Double.NaN,
                                        row.text("requests a second"),
                                        row.text("calls"))))
                .svg();
    }

    private static String scraped(Table table) {
        Scale scale = Scale.upTo(most(table.rows(), "with ms") * 1.2);
        return new BarChart(
                        "Calls with and without a scraper that reads the stats page ten times a second",
                        "The same arrivals for both, in turns; the numbers stand in lb-okhttp/docs/stats.md and in scraped.csv")
                .block(
                        "calls of 5 ms to a pool of 100 backends",
                        "ms",
                        "ratio by pair: median",
                        scale,
                        table.rows().stream()
                                .flatMap(row -> Stream.of(
                                        scraped(row, "reference", "without", ""),
                                        scraped(row, "default", "with", "× " + row.text("ratio"))))
                                .toList())
                .svg();
    }

    private static Bar scraped(Table.Row row, String kind, String which, String note) {
        String column = which + " ms";
        return new Bar(
                kind,
                row.text("percentile") + ", " + which,
                row.number(column),
                Double.NaN,
                Double.NaN,
                row.text(column),
                note);
    }

    private static List<Bar> bars(Table table, Function<Table.Row, Bar> bar) {
        return table.rows().stream().map(bar).toList();
    }

    private static Bar millis(String kind, String name, Table.Row row, String column) {
        return new Bar(kind, name, row.number(column), Double.NaN, Double.NaN, row.text(column), row.text("failed"));
    }

    private static String kind(String name) {
        if (name.startsWith("HAProxy")) {
            return "peer";
        }
        if (name.startsWith("NGINX")) {
            return "other";
        }
        if (name.startsWith("direct") || name.startsWith("rewriting") || name.startsWith("oracle")) {
            return "reference";
        }
        return name.contains("adaptive") ? "default" : "ours";
    }

    private static double most(List<Table.Row> rows, String column) {
        return rows.stream()
                .mapToDouble(row -> row.number(column))
                .filter(number -> !Double.isNaN(number))
                .max()
                .orElse(1);
    }
}
