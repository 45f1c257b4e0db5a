package dev.evenkeel.lb.examples.common;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Panels of curves on logarithmic axes, two panels a row; each curve has its name at its end. */
public final class LineChart {
    private static final int COLUMNS = 2;
    private static final int LEFT = 76;
    private static final int PLOT_WIDTH = 250;
    private static final int NAMES = 200;
    private static final int TOP = 40;
    private static final int PLOT_HEIGHT = 190;
    private static final int BOTTOM = 44;
    private static final int LINE = 14;

    /**
     * A point.
     *
     * @param x on the horizontal axis
     * @param y on the vertical axis
     */
    public record Point(double x, double y) {}

    /**
     * A curve.
     *
     * @param kind its colour, as in {@link Svg}
     * @param name at its end
     * @param points from left to right
     */
    public record Curve(String kind, String name, List<Point> points) {
        public Curve {
            points = List.copyOf(points);
        }

        private double end() {
            return points.get(points.size() - 1).y;
        }
    }

    private record Panel(String head, String vertical, List<Curve> curves) {
        Stream<Point> points() {
            return curves.stream().flatMap(curve -> curve.points.stream());
        }
    }

    private final String title;
    private final String description;
    private final String horizontal;
    private final List<Panel> panels = new ArrayList<>();

    /**
     * A chart without panels.
     *
     * @param title that is read out first
     * @param description that is read out then
     * @param horizontal what that axis is, with the unit
     */
    public LineChart(String title, String description, String horizontal) {
        this.title = title;
        this.description = description;
        this.horizontal = horizontal;
    }

    /**
     * Adds a panel.
     *
     * @param head what it is about
     * @param vertical what that axis is, with the unit
     * @param curves each of one point or more, above 0
     * @return this
     */
    public LineChart panel(String head, String vertical, List<Curve> curves) {
        panels.add(new Panel(head, vertical, List.copyOf(curves)));
        return this;
    }

    /**
     * Draws it. All panels have the same horizontal axis, each has a vertical one of its own.
     *
     * @return an SVG
     */
    public String svg() {
        int width = LEFT + PLOT_WIDTH + NAMES;
        int height = TOP + PLOT_HEIGHT + BOTTOM;
        int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
        Svg svg = new Svg(width * Math.min(COLUMNS, panels.size()), height * rows, title, description);
        for (int i = 0; i < panels.size(); i++) {
            draw(svg, panels.get(i), width * (i % COLUMNS) + LEFT, height * (i / COLUMNS) + TOP);
        }
        return svg.end();
    }

    private void draw(Svg svg, Panel panel, double left, double top) {
        List<Double> places = panels.stream()
                .flatMap(Panel::points)
                .map(Point::x)
                .distinct()
                .sorted()
                .toList();
        double first = places.get(0);
        double last = places.get(places.size() - 1);
        Scale x = first < last ? new Scale(first, last, true) : new Scale(first / 2, first * 2, true);
        Scale y = Scale.decades(
                panel.points().mapToDouble(Point::y).min().orElse(1),
                panel.points().mapToDouble(Point::y).max().orElse(10));
        svg.text("head", "start", left, top - 24, panel.head);
        svg.text("faint", "start", left, top - 8, panel.vertical);
        for (double number : y.ticks()) {
            double height = top + PLOT_HEIGHT * (1 - y.share(number));
            svg.rule(left, height, left + PLOT_WIDTH, height);
            svg.text("faint", "end", left - 6, height + 4, Scale.label(number));
        }
        for (double place : places) {
            double across = left + PLOT_WIDTH * x.share(place);
            svg.rule(across, top + PLOT_HEIGHT, across, top + PLOT_HEIGHT + 4);
            svg.text("faint", "middle", across, top + PLOT_HEIGHT + 17, Scale.label(place));
        }
        svg.text("faint", "end", left + PLOT_WIDTH, top + PLOT_HEIGHT + 33, horizontal);
        double free = top + PLOT_HEIGHT + LINE;
        // The names from below, each at its curve's end or above the one before.
        for (Curve curve : panel.curves.stream()
                .sorted(Comparator.comparingDouble(Curve::end))
                .toList()) {
            draw(svg, curve, x, y, left, top);
            free = Math.min(free - LINE, top + PLOT_HEIGHT * (1 - y.share(curve.end())) + 4);
            svg.text(curve.kind, "start", left + PLOT_WIDTH + 10, free, curve.name);
        }
    }

    private static void draw(Svg svg, Curve curve, Scale x, Scale y, double left, double top) {
        String points = curve.points.stream()
                .map(point -> String.format(
                        Locale.ROOT,
                        "%.1f %.1f",
                        left + PLOT_WIDTH * x.share(point.x),
                        top + PLOT_HEIGHT * (1 - y.share(point.y))))
                .collect(Collectors.joining(" L"));
        svg.curve(curve.kind, points);
        for (Point point : curve.points) {
            svg.dot(curve.kind, left + PLOT_WIDTH * x.share(point.x), top + PLOT_HEIGHT * (1 - y.share(point.y)));
        }
    }
}
