package dev.evenkeel.lb.examples.simulation;

import java.util.List;
import java.util.Locale;

/**
 * One run as a line of {@code results.csv}. The line is what two runs are compared by: simulated times do not depend on the
 * machine.
 *
 * @param scenario its name
 * @param policy its name
 * @param seed of the run
 * @param calls measured
 * @param errors of them
 * @param p50Millis of the successes
 * @param p99Millis of the successes
 * @param p999Millis of the successes
 * @param afterPausesPercent the share of the first server in the calls after pauses of the clients; 0 without pauses
 */
record Row(
        String scenario,
        String policy,
        long seed,
        int calls,
        int errors,
        double p50Millis,
        double p99Millis,
        double p999Millis,
        double afterPausesPercent) {

    static final String HEAD = "scenario;policy;seed;calls;errors;p50 ms;p99 ms;p99.9 ms;after pauses %";

    static Row of(Scenario scenario, Policy policy, long seed) {
        return of(scenario, policy, seed, Run.of(scenario, policy, seed));
    }

    static Row of(Scenario scenario, Policy policy, long seed, Result result) {
        return new Row(
                scenario.name(),
                policy.name(),
                seed,
                result.calls(),
                result.errors(),
                result.p50Millis(),
                result.p99Millis(),
                result.p999Millis(),
                result.firstPercentAfterPauses());
    }

    static Row parse(String line) {
        List<String> fields = List.of(line.split(";", -1));
        return new Row(
                fields.get(0),
                fields.get(1),
                Long.parseLong(fields.get(2)),
                Integer.parseInt(fields.get(3)),
                Integer.parseInt(fields.get(4)),
                Double.parseDouble(fields.get(5)),
                Double.parseDouble(fields.get(6)),
                Double.parseDouble(fields.get(7)),
                Double.parseDouble(fields.get(8)));
    }

    /** By which a run is found. */
    static String key(String scenario, String policy, long seed) {
        return scenario + ';' + policy + ';' + seed;
    }

    String key() {
        return key(scenario, policy, seed);
    }

    double errorPercent() {
        return 100.0 * errors / calls;
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%s;%s;%d;%d;%d;%.3f;%.3f;%.3f;%.3f",
                scenario,
                policy,
                seed,
                calls,
                errors,
                p50Millis,
                p99Millis,
                p999Millis,
                afterPausesPercent);
    }
}
