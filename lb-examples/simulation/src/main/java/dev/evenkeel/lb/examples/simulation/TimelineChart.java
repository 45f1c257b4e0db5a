package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.Svg;
import java.util.List;
import java.util.Locale;

/** The share of one server over time, a curve a policy. */
final class TimelineChart {

    private static final int LEFT = 44;
    private static final int TOP = 30;
    private static final int PLOT_WIDTH = 600;
    private static final int PLOT_HEIGHT = 220;
    private static final double MAX_PERCENT = 8;
    private static final List<String> KINDS = List.of("reference", "guarded", "ours", "default");

    private final List<Study.Timeline> timelines;

    TimelineChart(List<Study.Timeline> timelines) {
        this.timelines = timelines;
    }

    String svg() {
        Svg svg = new Svg(
                LEFT + PLOT_WIDTH + 16,
                TOP + PLOT_HEIGHT + 64,
                "Share of a server that takes ten times as long from second 15 to second 33",
                "Numbers in slow-server.csv; an equal share is 5 %");
        svg.text("head", "start", LEFT, 18, "calls to one of 20 servers, % of a second's");
        for (int percent = 0; percent <= MAX_PERCENT; percent += 2) {
            svg.rule(LEFT, y(percent), LEFT + PLOT_WIDTH, y(percent));
            svg.text("faint", "end", LEFT - 6, y(percent) + 4, percent + " %");
        }
        for (int second = first(); second <= last() + 1; second += 10) {
            svg.text("faint", "middle", x(second), TOP + PLOT_HEIGHT + 18, second + " s");
        }
        double legend = LEFT;
        for (int i = 0; i < timelines.size(); i++) {
            Study.Timeline timeline = timelines.get(i);
            String kind = KINDS.get(i % KINDS.size());
            svg.curve(kind, points(timeline));
            svg.bar(kind, legend, TOP + PLOT_HEIGHT + 36, 12, 12);
            svg.text("", "start", legend + 18, TOP + PLOT_HEIGHT + 46, timeline.policy());
            legend += 40 + 7.0 * timeline.policy().length();
        }
        return svg.end();
    }

    private String points(Study.Timeline timeline) {
        StringBuilder points = new StringBuilder();
        for (int second = first(); second <= last(); second++) {
            points.append(second == first() ? "" : " L")
                    .append(String.format(
                            Locale.ROOT,
                            "%.1f %.1f",
                            x(second + 0.5),
                            y(timeline.percentBySecond().get(second))));
        }
        return points.toString();
    }

    private static int first() {
        return (int) (Scenario.WARM_UP_NANOS / Scenario.SECOND);
    }

    private int last() {
        return timelines.get(0).percentBySecond().size() - 1;
    }

    private double x(double second) {
        return LEFT + PLOT_WIDTH * (second - first()) / (last() + 1 - first());
    }

    private static double y(double percent) {
        return TOP + PLOT_HEIGHT * (1 - Math.min(percent, MAX_PERCENT) / MAX_PERCENT);
    }
}
