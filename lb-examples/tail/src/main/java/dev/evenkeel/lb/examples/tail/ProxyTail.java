package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The tail of latency beside HAProxy's leastconn and nginx's least_conn: five servers, the same open-loop arrivals for each way,
 * latency from the scheduled start. First all servers are alike, then one of them is ten times slower, then one stalls for 500 ms
 * on 1 % of its requests.
 *
 * <p>Arguments: {@code --seconds N} for each of the nine runs (default 40; figures count from the fourth second on),
 * {@code --out DIR} for the figures (default {@code target/results}).
 */
public final class ProxyTail {
    private static final int SERVERS = 5;
    private static final long SEED = 42;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final WorkServer.Stalls STALLS = new WorkServer.Stalls(0.01, Duration.ofMillis(500));

    private ProxyTail() {}

    /**
     * What is the matter with the first of the servers.
     *
     * @param name of it
     * @param workers of each server
     * @param work of each request at the others
     * @param workOfFirst at the first
     * @param stallsOfFirst what some of its requests take instead
     * @param callsPerSecond of all
     */
    record Trouble(
            String name,
            int workers,
            Duration work,
            Duration workOfFirst,
            WorkServer.Stalls stallsOfFirst,
            double callsPerSecond) {
        /** 60 % load. */
        static final Trouble NONE =
                new Trouble("none", 4, Duration.ofMillis(10), Duration.ofMillis(10), WorkServer.Stalls.NONE, 1_200);
        /** 60 % of what they can do together. */
        static final Trouble SLOW = new Trouble(
                "one is slow", 4, Duration.ofMillis(10), Duration.ofMillis(100), WorkServer.Stalls.NONE, 984);
        /** Little load. */
        static final Trouble STALLING =
                new Trouble("one stalls at times", 16, Duration.ofMillis(5), Duration.ofMillis(5), STALLS, 300);
    }

    /** Which way is measured. */
    enum Balancer {
        EVENKEEL,
        HAPROXY,
        NGINX;

        Way way(Trouble trouble, Path parent, List<String> addresses) throws IOException {
            return switch (this) {
                case EVENKEEL ->
                    trouble.stallsOfFirst().share() > 0
                            ? Way.hedged("adaptive", addresses)
                            : Way.evenkeel("adaptive", addresses);
                case HAPROXY -> Way.haproxy(parent, "leastconn", addresses);
                case NGINX -> Way.nginx(parent, "least_conn;", addresses);
            };
        }
    }

    /**
     * What one run came to.
     *
     * @param way its name
     * @param result of the schedule
     * @param counted the latencies from the fourth second on
     * @param requests that the servers got
     */
    record Result(String way, OpenLoop.Result result, OpenLoop.Window counted, long requests) {
        double millis(double percentile) {
            return counted.latency().getValueAtPercentile(percentile) / 1e3;
        }
    }

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--seconds"), args);
        Duration duration = Duration.ofSeconds(arguments.number("--seconds", 40));
        Table table = Figures.TAIL.table();
        run(Trouble.NONE, Balancer.EVENKEEL, Duration.ofSeconds(6));
        for (Trouble trouble : List.of(Trouble.NONE, Trouble.SLOW, Trouble.STALLING)) {
            System.out.printf(
                    Locale.ROOT,
                    "%n%s: %d servers of %d workers and %d ms, the first %d ms, %.0f calls a second%n%n",
                    trouble.name(),
                    SERVERS,
                    trouble.workers(),
                    trouble.work().toMillis(),
                    trouble.workOfFirst().toMillis(),
                    trouble.callsPerSecond());
            System.out.println(
                    "| way | failed | requests per call | p50 ms | p99 ms | × Evenkeel | p99.9 ms | × Evenkeel"
                            + " | schedule late at most ms |");
            System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
            Result ours = run(trouble, Balancer.EVENKEEL, duration);
            print(trouble.name(), ours, ours, table);
            print(trouble.name(), run(trouble, Balancer.HAPROXY, duration), ours, table);
            print(trouble.name(), run(trouble, Balancer.NGINX, duration), ours, table);
        }
        Figures.TAIL.write(arguments.out(), table);
    }

    /** One run on fresh servers. */
    static Result run(Trouble trouble, Balancer balancer, Duration duration) throws Exception {
        Path parent = Files.createTempDirectory("evenkeel-ways");
        List<WorkServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < SERVERS; i++) {
                servers.add(new WorkServer(
                        trouble.workers(),
                        i == 0 ? trouble.workOfFirst() : trouble.work(),
                        200,
                        SEED + i,
                        i == 0 ? trouble.stallsOfFirst() : WorkServer.Stalls.NONE));
            }
            List<String> addresses = servers.stream()
                    .map(server -> URI.create(server.uri()).getAuthority())
                    .toList();
            try (Way way = balancer.way(trouble, parent, addresses)) {
                OpenLoop.Window counted = new OpenLoop.Window(WARM_UP, duration);
                OpenLoop.Result result = OpenLoop.run(trouble.callsPerSecond(), duration, SEED, way::succeeds, counted);
                long requests = servers.stream().mapToLong(WorkServer::requests).sum();
                return new Result(way.name, result, counted, requests);
            }
        } finally {
            servers.forEach(WorkServer::close);
            WholeCall.delete(parent);
        }
    }

    private static void print(String trouble, Result figures, Result ours, Table table) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %d of %,d | %.4f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |%n",
                figures.way(),
                figures.result().failed(),
                figures.result().calls(),
                figures.requests() / (double) figures.result().calls(),
                figures.millis(50),
                figures.millis(99),
                figures.millis(99) / ours.millis(99),
                figures.millis(99.9),
                figures.millis(99.9) / ours.millis(99.9),
                figures.result().latest().toNanos() / 1e6);
        table.add(
                trouble,
                figures.way(),
                figures.result().calls(),
                figures.result().failed(),
                Table.rounded(4, figures.requests() / (double) figures.result().calls()),
                Table.rounded(1, figures.millis(50)),
                Table.rounded(1, figures.millis(99)),
                Table.rounded(1, figures.millis(99.9)),
                Table.rounded(1, figures.result().latest().toNanos() / 1e6));
    }
}
