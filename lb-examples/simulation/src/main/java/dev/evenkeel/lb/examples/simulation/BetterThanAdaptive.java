package dev.evenkeel.lb.examples.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/** The section of the page that names the columns in which another strategy is better than the default. */
final class BetterThanAdaptive {

    private static final String INTRODUCTION = """
            ## Where another strategy is better than adaptive

            In these columns a strategy is better than `adaptive` by more than noise: its worst seed is better than the best seed of
            `adaptive`. Where either has one seed only, it is better by a fifth. The figure of `adaptive` is in brackets, the better one in
            bold. Guarded strategies are compared with `adaptive`, guarded. A latency is that of the successes: a policy whose slow calls
            fail has a lower one.

            """;

    /** By how much it takes to be better where a single seed does not tell the noise. */
    private static final double CLEARLY_LESS = 0.8;

    /**
     * A figure of the tables.
     *
     * @param name its head
     * @param ofRow its value in one run; less is better
     * @param shown its mean over the seeds of a scenario and a policy, as the other tables show it
     */
    private record Measure(String name, ToDoubleFunction<Row> ofRow, BiFunction<String, String, String> shown) {}

    private final Study study;

    BetterThanAdaptive(Study study) {
        this.study = study;
    }

    String text() {
        Measure p99 = new Measure("p99, ms", Row::p99Millis, mean(Row::p99Millis));
        Measure p999 = new Measure("p99.9, ms", Row::p999Millis, mean(Row::p999Millis));
        Measure errors = new Measure(
                "errors",
                Row::errorPercent,
                (scenario, policy) -> ReportPage.percent(study.errorPercent(scenario, policy)));
        Measure afterPauses = new Measure(
                "share of the slow server",
                Row::afterPausesPercent,
                (scenario, policy) -> ReportPage.percent(study.mean(scenario, policy, Row::afterPausesPercent)));
        StringBuilder text = new StringBuilder(INTRODUCTION);
        table(text, Study.fewClients(), List.of(p99, errors));
        table(text, Study.manyClients(), List.of(p99, errors));
        table(text, Study.clientPauses(), List.of(p999, errors, afterPauses));
        return text.toString();
    }

    private BiFunction<String, String, String> mean(ToDoubleFunction<Row> millis) {
        return (scenario, policy) -> ReportPage.millis(study.mean(scenario, policy, millis));
    }

    private void table(StringBuilder text, List<Scenario> scenarios, List<Measure> measures) {
        List<String> heads = new ArrayList<>(List.of("strategy"));
        measures.forEach(measure -> heads.add(measure.name));
        List<String> rules = new ArrayList<>(List.of("---"));
        rules.addAll(Collections.nCopies(measures.size(), "---:"));
        ReportPage.row(text, "column", heads);
        ReportPage.row(text, "---", rules);
        for (Scenario scenario : scenarios) {
            for (Policy policy : Policy.all()) {
                if (measures.stream().anyMatch(measure -> isBetter(scenario.name(), policy.name(), measure))) {
                    List<String> cells = new ArrayList<>(List.of(ReportPage.shown(policy.name())));
                    measures.forEach(measure -> cells.add(cell(scenario.name(), policy.name(), measure)));
                    ReportPage.row(text, scenario.name(), cells);
                }
            }
        }
        text.append('\n');
    }

    private String cell(String scenario, String policy, Measure measure) {
        String own = measure.shown.apply(scenario, policy);
        String shown = isBetter(scenario, policy, measure) ? "**" + own + "**" : own;
        return shown + " (" + measure.shown.apply(scenario, rival(policy)) + ")";
    }

    private boolean isBetter(String scenario, String policy, Measure measure) {
        DoubleSummaryStatistics own = statistics(scenario, policy, measure);
        DoubleSummaryStatistics rival = statistics(scenario, rival(policy), measure);
        long seeds = Math.min(own.getCount(), rival.getCount());
        return seeds > 0
                && !Policy.kind(policy).equals("reference")
                && own.getMax() < rival.getMin() * (seeds == 1 ? CLEARLY_LESS : 1);
    }

    private DoubleSummaryStatistics statistics(String scenario, String policy, Measure measure) {
        return study.rows(scenario, policy).mapToDouble(measure.ofRow).summaryStatistics();
    }

    private static String rival(String policy) {
        return Policy.kind(policy).equals("guarded") ? "adaptive, guarded" : "adaptive";
    }
}
