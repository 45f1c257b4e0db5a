package dev.evenkeel.lb.examples.simulation;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** Prints scenarios beside policies: p99 in ms / errors in %, each the mean over the seeds. */
final class Report {

    private final PrintStream out;
    private final int seeds;

    Report(PrintStream out, int seeds) {
        this.out = out;
        this.seeds = seeds;
    }

    void print(List<Scenario> scenarios, List<Policy> policies) {
        StringBuilder head = new StringBuilder("| policy |");
        StringBuilder rule = new StringBuilder("|---|");
        for (Scenario scenario : scenarios) {
            head.append(' ').append(scenario.name()).append(" |");
            rule.append("---|");
        }
        out.println(head);
        out.println(rule);
        for (Policy policy : policies) {
            out.print("| " + policy.name() + " |");
            for (Scenario scenario : scenarios) {
                out.print(" " + cell(scenario, policy) + " |");
                out.flush();
            }
            out.println();
        }
    }

    private String cell(Scenario scenario, Policy policy) {
        List<Result> results = LongStream.rangeClosed(1, seeds)
                .mapToObj(seed -> Run.of(scenario, policy, seed))
                .toList();
        double p99 = results.stream().mapToDouble(Result::p99Millis).average().orElse(0);
        double errors =
                results.stream().mapToDouble(Result::errorPercent).average().orElse(0);
        return String.format(Locale.ROOT, "%.1f / %.3g", p99, errors);
    }
}
