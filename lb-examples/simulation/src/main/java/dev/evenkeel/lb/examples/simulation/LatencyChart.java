package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.BarChart;
import dev.evenkeel.lb.examples.common.BarChart.Bar;
import dev.evenkeel.lb.examples.common.Scale;
import java.util.Locale;

/** For each scenario a bar for each policy: p99 on a logarithmic scale, and the errors in words. */
final class LatencyChart {
    private static final Scale MILLIS = new Scale(30, 1_000, true);

    private final Study study;

    LatencyChart(Study study) {
        this.study = study;
    }

    String svg() {
        BarChart chart = new BarChart(
                "p99 latency and errors of each policy in each scenario",
                "The same numbers stand in the tables of RESULTS.md");
        for (Scenario column : Study.drawn()) {
            String scenario = column.name();
            chart.block(
                    scenario,
                    "p99 ms, logarithmic",
                    "errors",
                    MILLIS,
                    study.policyNames().stream()
                            .map(policy -> bar(scenario, policy))
                            .toList());
        }
        return chart.svg();
    }

    private Bar bar(String scenario, String policy) {
        double p99 = study.p99Millis(scenario, policy);
        String errors = ReportPage.percent(study.errorPercent(scenario, policy));
        return new Bar(Policy.kind(policy), policy, p99, Double.NaN, Double.NaN, whole(p99), errors);
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%.0f", number);
    }
}
