package dev.evenkeel.lb.examples.simulation;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
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
    /** From so many clients on a policy that polls has one seed. */
    static final int MANY_POLLS = 100;

    static final List<Integer> MANY_CLIENTS = List.of(30, 100, 300, 1_000, 3_000);
    /** The scenarios for many clients. */
    static final List<String> WITH_MANY_CLIENTS = List.of("stalls", "rolling restart", "all at once");

    static final List<Integer> PAUSES_MILLIS = List.of(50, 100, 200, 400);
    static final List<Integer> CALLS_PER_SECOND_WITH_PAUSES = List.of(150, 600);

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

    /** The columns that are drawn. */
    static List<Scenario> drawn() {
        return Stream.concat(fewClients().stream(), Scenario.manyClients(1_000).stream())
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

    /** Names of scenarios by number of clients. */
    static Map<String, String> manyClients(String name) {
        Map<String, String> columns = new LinkedHashMap<>();
        MANY_CLIENTS.forEach(clients ->
                columns.put(String.format(Locale.ROOT, "%,d", clients), Scenario.manyClients(name, clients)));
        return columns;
    }

    static List<Scenario> clientPauses() {
        return CALLS_PER_SECOND_WITH_PAUSES.stream()
                .flatMap(callsPerSecond -> clientPauses(callsPerSecond).stream())
                .toList();
    }

    private static List<Scenario> clientPauses(int callsPerSecond) {
        return PAUSES_MILLIS.stream()
                .map(millis -> pause(callsPerSecond, millis))
                .toList();
    }

    private static Scenario pause(int callsPerSecond, int millis) {
        return Scenario.clientPauses(callsPerSecond, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** Names of scenarios by length of the pause. */
    static Map<String, String> clientPausesByLength(int callsPerSecond) {
        Map<String, String> columns = new LinkedHashMap<>();
        PAUSES_MILLIS.forEach(millis ->
                columns.put(millis + " ms", pause(callsPerSecond, millis).name()));
        return columns;
    }

    /** The runs on so many threads; an hour of processor time. */
    static Study make(int threads) throws InterruptedException {
        return new Study(List.of(), List.of()).completed(threads, row -> {});
    }

    /**
     * This study with the runs that it does not have yet. The quick ones are made first, so that an interruption leaves whole
     * columns.
     *
     * @param threads which run them
     * @param made gets each new row, one at a time
     */
    Study completed(int threads, Consumer<Row> made) throws InterruptedException {
        Map<String, Row> byKey = new HashMap<>();
        rows.forEach(row -> byKey.put(row.key(), row));
        List<Callable<Row>> runs = jobs().filter(job -> !byKey.containsKey(job.key()))
                .sorted(Comparator.comparing(Job::effort))
                .map(job -> (Callable<Row>) () -> job.row(made))
                .toList();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            for (Future<Row> run : workers.invokeAll(runs)) {
                Row row = run.get();
                byKey.put(row.key(), row);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a run has failed", e.getCause());
        } finally {
            workers.shutdownNow();
        }
        return new Study(keys().stream().map(byKey::get).toList(), timelines.isEmpty() ? newTimelines() : timelines);
    }

    /** The keys of all rows, in their order. */
    static List<String> keys() {
        return jobs().map(Job::key).toList();
    }

    private static Stream<Job> jobs() {
        return scenarios().stream()
                .flatMap(scenario -> Policy.all().stream()
                        .flatMap(policy -> LongStream.rangeClosed(1, seeds(scenario, policy))
                                .mapToObj(seed -> new Job(scenario, policy, seed))));
    }

    private static int seeds(Scenario scenario, Policy policy) {
        return policy.reports() == Policy.Reports.POLLED && scenario.clients() >= MANY_POLLS ? 1 : SEEDS;
    }

    private static List<Timeline> newTimelines() {
        return Stream.of("roundRobin", "roundRobin, guarded", "leastConnections", "adaptive")
                .map(Policy::named)
                .map(Timeline::of)
                .toList();
    }

    private record Job(Scenario scenario, Policy policy, long seed) {

        String key() {
            return Row.key(scenario.name(), policy.name(), seed);
        }

        /** For the order: polls of many clients are more than all calls. */
        int effort() {
            return scenario.clients() * (policy.reports() == Policy.Reports.POLLED ? 10 : 1);
        }

        Row row(Consumer<Row> made) {
            Row row = Row.of(scenario, policy, seed);
            synchronized (made) {
                made.accept(row);
            }
            return row;
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
        return mean(scenario, policy, Row::p99Millis);
    }

    /** The mean over the seeds; NaN without runs. */
    double mean(String scenario, String policy, ToDoubleFunction<Row> figure) {
        return rows(scenario, policy).mapToDouble(figure).average().orElse(Double.NaN);
    }

    /** Of all calls of all seeds; NaN without runs. */
    double errorPercent(String scenario, String policy) {
        return 100.0
                * rows(scenario, policy).mapToInt(Row::errors).sum()
                / rows(scenario, policy).mapToInt(Row::calls).sum();
    }

    Stream<Row> rows(String scenario, String policy) {
        return rows.stream()
                .filter(row -> row.scenario().equals(scenario) && row.policy().equals(policy));
    }
}
