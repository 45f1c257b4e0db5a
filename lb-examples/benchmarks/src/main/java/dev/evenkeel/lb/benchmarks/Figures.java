package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.benchmarks.subject.Entry;
import dev.evenkeel.lb.examples.common.BarChart;
import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.LineChart;
import dev.evenkeel.lb.examples.common.LineChart.Curve;
import dev.evenkeel.lb.examples.common.LineChart.Point;
import dev.evenkeel.lb.examples.common.Scale;
import dev.evenkeel.lb.examples.common.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What is measured here, and how it is drawn. */
final class Figures {
    static final Figure PICK = new Figure("pick", Measurement.COLUMNS, Figures::pick);
    static final Figure MEMBERSHIP = new Figure("membership", Membership.COLUMNS, Figures::membership);
    static final Figure FLAPPING = new Figure("flapping", Flapping.COLUMNS, Figures::flapping);
    static final Figure ROUTES = new Figure("routes", List.of("layout", "routes", "nanos", "bytes"), Figures::routes);

    static final Figure CHECKS = new Figure("checks", CheckCost.COLUMNS, Figures::checks);
    static final Figure FIRST_CALL = new Figure("first-call", FirstCall.COLUMNS, Figures::firstCall);

    private static final String BACKENDS = "backends, logarithmic";

    private Figures() {}

    static List<Figure> all() {
        return List.of(PICK, MEMBERSHIP, FLAPPING, CHECKS, ROUTES, FIRST_CALL);
    }

    /** A panel for each group of subjects that are compared with each other on one thread. */
    private static String pick(Table table) {
        Map<String, Map<String, List<Measurement>>> groups = table.rows().stream()
                .map(Measurement::of)
                .filter(one -> one.threads() == 1 && !one.group().startsWith("whole call"))
                .collect(Collectors.groupingBy(
                        Measurement::group,
                        LinkedHashMap::new,
                        Collectors.groupingBy(Measurement::name, LinkedHashMap::new, Collectors.toList())));
        LineChart chart = new LineChart(
                "What a choice of a backend costs, by the number of backends, beside other libraries",
                "One thread; processor time. pick: the choice alone; call: with all that is counted around it. The numbers"
                        + " stand in the tables of RESULTS.md and in pick.csv",
                BACKENDS);
        groups.forEach((group, subjects) -> {
            if (subjects.size() > 1) {
                List<Curve> curves = new ArrayList<>();
                subjects.forEach((name, all) -> curves.add(new Curve(kind(name), name, points(all))));
                chart.panel(group, "ns, logarithmic", curves);
            }
        });
        return chart.svg();
    }

    /** The median of the rounds at each size. */
    private static List<Point> points(List<Measurement> all) {
        return all.stream()
                .map(Measurement::backends)
                .distinct()
                .sorted()
                .map(size -> new Point(
                        size,
                        Ratios.median(
                                all.stream()
                                        .filter(one -> one.backends() == size)
                                        .toList(),
                                Measurement::nanos)))
                .toList();
    }

    private static String kind(String name) {
        String owner = name.substring(0, name.indexOf('/'));
        return switch (owner) {
            case Entry.FLOOR -> "reference";
            case Entry.EVENKEEL -> name.endsWith("/adaptive") ? "default" : "ours";
            case "armeria" -> "peer";
            case "grpc" -> "other";
            default -> "guarded";
        };
    }

    private static String membership(Table table) {
        List<String> strategies = table.texts("strategy");
        List<Table.Row> first = table.rows("strategy", strategies.get(0));
        List<Curve> changes = new ArrayList<>();
        changes.add(new Curve("reference", "copying the array", points(first, row -> row.number("copy us"))));
        changes.add(new Curve("reference", "5 times that", points(first, row -> 5 * row.number("copy us"))));
        List<Curve> bytes = new ArrayList<>();
        for (String strategy : strategies) {
            List<Table.Row> rows = table.rows("strategy", strategy);
            String kind = strategy.equals("adaptive") ? "default" : "ours";
            changes.add(new Curve(kind, strategy, points(rows, row -> row.number("change us"))));
            bytes.add(new Curve(kind, strategy, points(rows, row -> row.number("bytes"))));
        }
        return new LineChart(
                        "What a change of membership costs, and what a pool keeps of each backend",
                        "By the number of backends; the numbers stand in membership.csv",
                        BACKENDS)
                .panel("one backend added or removed", "µs, logarithmic", changes)
                .panel("memory of a backend", "B, logarithmic", bytes)
                .svg();
    }

    private static List<Point> points(List<Table.Row> rows, ToDoubleFunction<Table.Row> number) {
        return rows.stream()
                .map(row -> new Point(row.number("backends"), number.applyAsDouble(row)))
                .filter(point -> !Double.isNaN(point.y()))
                .toList();
    }

    private static String flapping(Table table) {
        List<Bar> bars = table.rows().stream()
                .map(row -> new Bar(
                        row.text("strategy").equals("adaptive") ? "default" : "ours",
                        row.text("strategy") + ", " + row.text("health"),
                        row.number("nanos"),
                        row.number("least"),
                        row.number("largest"),
                        row.text("nanos"),
                        row.text("snapshots a second")))
                .toList();
        return new BarChart(
                        "What a call costs while the health of backends changes",
                        "The numbers stand in RESULTS.md and in flapping.csv")
                .block(
                        "10,000 backends, all steady, or 5 % changing in each second",
                        "ns a call: median of ten seconds, least to largest",
                        "snapshots a second",
                        Scale.upTo(most(table, "largest")),
                        bars)
                .svg();
    }

    /** A bar for several measurements of one thing. */
    private static Bar spread(boolean isReference, String name, double[] sorted, int decimals, String note) {
        double median = FirstCall.median(sorted);
        return new Bar(
                isReference ? "reference" : "default",
                name,
                median,
                sorted[0],
                sorted[sorted.length - 1],
                Table.rounded(decimals, median),
                note);
    }

    private static String checks(Table table) {
        List<Bar> bars = table.texts("what").stream()
                .map(what -> spread(
                        what.equals(CheckCost.SOCKETS),
                        what,
                        CheckCost.sortedMicros(table, what),
                        1,
                        table.rows("what", what).get(0).text("snapshots")))
                .toList();
        return new BarChart(
                        "What checking 10,000 backends in each second costs",
                        "The numbers stand in RESULTS.md and in checks.csv")
                .block(
                        "TCP checks on loopback, and nothing but their connections",
                        "µs of processor time a check: median, least to largest",
                        "snapshots a second",
                        Scale.upTo(bars.stream().mapToDouble(Bar::largest).max().orElse(1)),
                        bars)
                .svg();
    }

    private static String firstCall(Table table) {
        List<Bar> bars = table.texts("client").stream()
                .map(client -> spread(
                        client.equals(FirstCall.PLAIN),
                        client,
                        FirstCall.sorted(table, client, "millis"),
                        0,
                        Table.rounded(0, FirstCall.median(table, client, "classes"))))
                .toList();
        return new BarChart(
                        "How long a process waits for its first answer",
                        "The numbers stand in RESULTS.md and in first-call.csv")
                .block(
                        "Each call in a fresh JVM",
                        "ms: median, least to largest",
                        "classes",
                        Scale.upTo(most(table, "millis")),
                        bars)
                .svg();
    }

    private static String routes(Table table) {
        List<Curve> curves = table.texts("layout").stream()
                .map(layout -> new Curve(
                        "ours",
                        layout,
                        table.rows("layout", layout).stream()
                                .map(row -> new Point(row.number("routes"), row.number("nanos")))
                                .toList()))
                .toList();
        return new LineChart(
                        "What finding the route of a request costs, by the number of routes",
                        "The numbers stand in RESULTS.md and in routes.csv",
                        "routes, logarithmic")
                .panel("finding a route", "ns, logarithmic", curves)
                .svg();
    }

    private static double most(Table table, String column) {
        return table.rows().stream()
                .mapToDouble(row -> row.number(column))
                .max()
                .orElse(1);
    }
}
