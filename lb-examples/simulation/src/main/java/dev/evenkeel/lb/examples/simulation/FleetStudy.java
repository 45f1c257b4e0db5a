package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.Table;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A thousand clients of ten thousand servers: ten million pairs, of which each client has to know its ten thousand by itself. */
final class FleetStudy {
    static final int SUBSET = 100;

    private static final long SEED = 1;

    private FleetStudy() {}

    static Scenario scenario() {
        return Scenario.fleet(1_000, 10_000);
    }

    static List<Policy> policies() {
        return Stream.concat(
                        Stream.of("roundRobin", "leastConnections", "powerOfTwo", "adaptive")
                                .map(Policy::named),
                        Stream.of(Policy.named("adaptive").subset(SUBSET)))
                .toList();
    }

    /**
     * Runs one policy after the other: the pools of one are closed before those of the next are made, since two at once would
     * not fit.
     *
     * @param progress gets a line for each
     * @return columns as in {@link FleetFigure}
     */
    static Table make(PrintStream progress) {
        Table table = FleetFigure.FLEET.table();
        for (Policy policy : policies()) {
            Timed timed = Timed.of(scenario(), policy);
            timed.addTo(table);
            progress.printf(
                    Locale.ROOT,
                    "%s: %,d calls measured, p99 %.1f ms; pools made in %d s, run in %d s%n",
                    policy.name(),
                    timed.result.calls(),
                    timed.result.p99Millis(),
                    timed.made.toSeconds(),
                    timed.ran.toSeconds());
        }
        return table;
    }

    /**
     * A run, and how long it took on this machine.
     *
     * @param scenario its servers
     * @param policy its clients
     * @param result what came of it; of the machine nothing is in it
     * @param made how long the pools took to make
     * @param ran how long the calls took
     */
    record Timed(Scenario scenario, Policy policy, Result result, Duration made, Duration ran) {

        static Timed of(Scenario scenario, Policy policy) {
            long begin = System.nanoTime();
            Run run = new Run(scenario, policy, SEED);
            long ready = System.nanoTime();
            Result result = run.run();
            long end = System.nanoTime();
            return new Timed(scenario, policy, result, Duration.ofNanos(ready - begin), Duration.ofNanos(end - ready));
        }

        void addTo(Table table) {
            double[] loads = loads();
            table.add(
                    policy.name(),
                    result.calls(),
                    result.errors(),
                    Table.rounded(1, result.p50Millis()),
                    Table.rounded(1, result.p99Millis()),
                    Table.rounded(1, result.p999Millis()),
                    Table.rounded(2, sharePercent(0.5)),
                    Table.rounded(2, sharePercent(1)),
                    Table.rounded(2, sharePercent(2)),
                    Table.rounded(1, loads[0]),
                    Table.rounded(1, at(loads, 0.01)),
                    Table.rounded(1, at(loads, 0.5)),
                    Table.rounded(1, at(loads, 0.99)),
                    Table.rounded(1, loads[loads.length - 1]),
                    Table.rounded(2, newcomersMultiple()),
                    made.toSeconds(),
                    ran.toSeconds(),
                    Runtime.getRuntime().maxMemory() >> 20,
                    Runtime.getRuntime().availableProcessors(),
                    LocalDate.now(ZoneOffset.UTC));
        }

        /** What the work of each server's calls is of what it can do in the time measured, in percent, from the least. */
        private double[] loads() {
            double seconds = seconds();
            return stayed().mapToDouble(server -> 100
                            * calls(server)
                            * Scenario.MEAN_WORK_NANOS
                            / (speed(server) * Scenario.WORKERS * seconds * Scenario.SECOND))
                    .sorted()
                    .toArray();
        }

        private static double at(double[] sorted, double share) {
            return sorted[(int) (share * (sorted.length - 1))];
        }

        /** The part of servers of one speed in the calls. */
        double sharePercent(double speed) {
            return 100 * calls(speed) / stayed().mapToDouble(this::calls).sum();
        }

        /** The calls of newcomers in their first second, as a multiple of those of all servers as fast as they in a second. */
        double newcomersMultiple() {
            double got = 0;
            double usual = 0;
            for (Result.Newcomer newcomer : result.newcomers()) {
                got += newcomer.calls();
                usual += calls(newcomer.speed()) / stayed(newcomer.speed()).count() / seconds();
            }
            return got / usual;
        }

        private double calls(double speed) {
            return stayed(speed).mapToDouble(this::calls).sum();
        }

        private IntStream stayed(double speed) {
            return stayed().filter(server -> speed(server) == speed);
        }

        /** The servers that were not exchanged. */
        private IntStream stayed() {
            int exchanges = (int) ((scenario.endNanos() - scenario.warmUpNanos()) / Fault.EXCHANGE_NANOS);
            return IntStream.range(exchanges, scenario.speeds().size());
        }

        private double speed(int server) {
            return scenario.speeds().get(server);
        }

        private int calls(int server) {
            return result.callsPerServer().getOrDefault("s" + server, 0);
        }

        private double seconds() {
            return (double) (scenario.endNanos() - scenario.warmUpNanos()) / Scenario.SECOND;
        }
    }
}
