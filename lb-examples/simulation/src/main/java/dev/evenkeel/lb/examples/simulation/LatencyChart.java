package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.Svg;
import java.util.Locale;

/** For each scenario a bar for each policy: p99 on a logarithmic scale, and the errors in words. */
final class LatencyChart {

    private static final int NAMES = 190;
    private static final int BARS = 330;
    private static final int WIDTH = NAMES + BARS + 130;
    private static final int ROW = 18;
    private static final double LEAST_MILLIS = 30;
    private static final double MOST_MILLIS = 1_000;

    private final Study study;

    LatencyChart(Study study) {
        this.study = study;
    }

    String svg() {
        int block = (study.policyNames().size() + 2) * ROW;
        Svg svg = new Svg(
                WIDTH,
                block * study.scenarioNames().size() + ROW,
                "p99 latency and errors of each policy in each scenario",
                "The same numbers stand in the tables of RESULTS.md");
        int y = 0;
        for (String scenario : study.scenarioNames()) {
            draw(svg, scenario, y);
            y += block;
        }
        return svg.end();
    }

    private void draw(Svg svg, String scenario, int top) {
        svg.text("head", "start", 4, top + ROW, scenario);
        svg.text("faint", "start", NAMES, top + ROW, "p99 ms, logarithmic");
        svg.text("faint", "end", WIDTH - 4, top + ROW, "errors");
        int y = top + ROW + 6;
        for (String policy : study.policyNames()) {
            double p99 = study.p99Millis(scenario, policy);
            double width = BARS * share(p99);
            svg.text("", "end", NAMES - 6, y + 12, policy);
            svg.bar(Policy.kind(policy), NAMES, y + 2, width, ROW - 6);
            svg.text("faint", "start", NAMES + width + 5, y + 12, String.format(Locale.ROOT, "%.0f", p99));
            svg.text("faint", "end", WIDTH - 4, y + 12, ReportPage.percent(study.errorPercent(scenario, policy)));
            y += ROW;
        }
    }

    private static double share(double millis) {
        double bounded = Math.min(MOST_MILLIS, Math.max(LEAST_MILLIS, millis));
        return Math.log(bounded / LEAST_MILLIS) / Math.log(MOST_MILLIS / LEAST_MILLIS);
    }
}
