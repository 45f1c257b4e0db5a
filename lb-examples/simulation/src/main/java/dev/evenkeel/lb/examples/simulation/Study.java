package dev.evenkeel.lb.examples.simulation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What the report is made of.
 *
 * @param rows the runs, in the order in which they are to be told
 * @param timelines how strategies leave one server alone and come back to it
 */
record Study(List<Row> rows, List<Timeline> timelines) {

    static final int CLIENTS = 10;
    static final int SEEDS = 3;
    static final List<Integer> MANY_CLIENTS = List.of(100, 300, 1_000);
    static final long PAUSE_NANOS = 100_000_000;

    /**
     * The share that one server gets in each second.
     *
     * @param policy its name
     * @param percentBySecond from the start of the run
     */
    record Timeline(String policy, List<Double> percentBySecond) {

        static Timeline of(Policy policy) {
            return new Timeline(policy.name(), Run.of(slowScenario(), policy, 1).firstPercentBySecond());
        }
    }

    /** One of twenty servers takes ten times as long. */
    static Scenario slowScenario() {
        return Scenario.even("slow", CLIENTS, Fault.slow(0, 10)).until(75 * Scenario.SECOND);
    }

    /** All columns: few clients with every fault, a brown-out, many clients, clients that pause. */
    static List<Scenario> scenarios() {
        return Stream.of(fewClients(), manyClients(), clientPauses())
                .flatMap(List::stream)
                .toList();
    }

    static List<Scenario> fewClients() {
        return Stream.concat(Scenario.table(CLIENTS).stream(), Stream.of(Scenario.brownOut(CLIENTS)))
                .toList();
    }

    static List<Scenario> manyClients() {
        return MANY_CLIENTS.stream()
                .flatMap(clients -> Scenario.manyClients(clients).stream())
                .toList();
    }

    static List<Scenario> clientPauses() {
        return Stream.of(150, 600)
                .map(callsPerSecond -> Scenario.clientPauses(callsPerSecond, PAUSE_NANOS))
                .toList();
    }

    static List<Policy> policies() {
        return Stream.concat(Policy.table().stream(), Policy.guardedTable().stream())
                .toList();
    }

    /** The runs, on all processors; some minutes. */
    static Study make() {
        List<Job> jobs = new ArrayList<>();
        for (Scenario scenario : scenarios()) {
            for (Policy policy : policies()) {
                LongStream.rangeClosed(1, SEEDS).forEach(seed -> jobs.add(new Job(scenario, policy, seed)));
            }
        }
        List<Row> rows = jobs.parallelStream().map(Job::row).toList();
        List<Timeline> timelines = Stream.of("roundRobin", "roundRobin, guarded", "leastConnections", "adaptive")
                .map(Policy::named)
                .map(Timeline::of)
                .toList();
        return new Study(rows, timelines);
    }

    private record Job(Scenario scenario, Policy policy, long seed) {
        Row row() {
            return Row.of(scenario, policy, seed);
        }
    }

    /** The names of the policies, in their order. */
    Set<String> policyNames() {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.add(row.policy()));
        return names;
    }

    /** The mean over the seeds. */
    double p99Millis(String scenario, String policy) {
        return rows(scenario, policy).mapToDouble(Row::p99Millis).average().orElseThrow();
    }

    /** The mean over the seeds. */
    double p999Millis(String scenario, String policy) {
        return rows(scenario, policy).mapToDouble(Row::p999Millis).average().orElseThrow();
    }

    /** The mean over the seeds. */
    double afterPausesPercent(String scenario, String policy) {
        return rows(scenario, policy)
                .mapToDouble(Row::afterPausesPercent)
                .average()
                .orElseThrow();
    }

    /** Of all calls of all seeds. */
    double errorPercent(String scenario, String policy) {
        return 100.0
                * rows(scenario, policy).mapToInt(Row::errors).sum()
                / rows(scenario, policy).mapToInt(Row::calls).sum();
    }

    private Stream<Row> rows(String scenario, String policy) {
        return rows.stream()
                .filter(row -> row.scenario().equals(scenario) && row.policy().equals(policy));
    }
}
