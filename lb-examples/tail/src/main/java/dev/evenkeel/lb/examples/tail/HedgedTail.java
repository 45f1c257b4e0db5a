package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * What hedging does to the tail: five servers of 5 ms, one of which stalls for 500 ms on 1 % of its requests. The same open-loop
 * arrivals go at the same time, with and without hedging, to two sets of such servers. Prints the latencies, counted from the
 * scheduled start of each call, and the requests that the servers got.
 *
 * <p>Arguments: strategies by name (default: roundRobin, adaptive) and {@code --seconds N} (default 60, of which the first ten
 * are not counted), {@code --out DIR} for the figures (default {@code target/results}).
 */
public final class HedgedTail {
    private static final Duration WORK = Duration.ofMillis(5);
    private static final WorkServer.Stalls STALLS = new WorkServer.Stalls(0.01, Duration.ofMillis(500));
    private static final int SERVERS = 5;
    private static final int WORKERS = 16;
    private static final double CALLS_PER_SECOND = 300;
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final long SEED = 42;

    private HedgedTail() {}

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--seconds"), args);
        int seconds = arguments.number("--seconds", 60);
        Table table = Figures.HEDGING.table();
        System.out.printf(
                Locale.ROOT,
                "%d servers of %d ms, one of them %d ms for %.0f %% of its requests; %.0f calls a second, %d s%n%n",
                SERVERS,
                WORK.toMillis(),
                STALLS.time().toMillis(),
                STALLS.share() * 100,
                CALLS_PER_SECOND,
                seconds);
        System.out.println("| | failed | requests per call | p50 ms | p99 ms | p99.9 ms | schedule late at most ms |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (String strategy : arguments.words("roundRobin", "adaptive")) {
            List<Result> both = runBoth(strategy, Duration.ofSeconds(seconds), WARM_UP);
            print(strategy, false, both.get(0), table);
            print(strategy, true, both.get(1), table);
            System.out.printf(
                    Locale.ROOT,
                    "| p99.9 is %.1f times less | | | | | | |%n",
                    both.get(0).millis(99.9) / both.get(1).millis(99.9));
        }
        Figures.HEDGING.write(arguments.out(), table);
    }

    /**
     * What one side came to.
     *
     * @param result of the schedule
     * @param requests that the servers got
     * @param counted the latencies after the warm-up
     */
    record Result(OpenLoop.Result result, long requests, OpenLoop.Window counted) {
        double requestsPerCall() {
            return requests / (double) result.calls();
        }

        double millis(double percentile) {
            return counted.latency().getValueAtPercentile(percentile) / 1e3;
        }
    }

    /** Without and with hedging, at the same time, each on fresh servers with a fresh pool. */
    static List<Result> runBoth(String strategy, Duration duration, Duration warmUp) throws Exception {
        ExecutorService sides = Executors.newFixedThreadPool(2);
        try {
            List<Callable<Result>> runs =
                    List.of(() -> run(strategy, false, duration, warmUp), () -> run(strategy, true, duration, warmUp));
            List<Result> figures = new ArrayList<>();
            for (Future<Result> side : sides.invokeAll(runs)) {
                figures.add(side.get());
            }
            return figures;
        } finally {
            sides.shutdownNow();
        }
    }

    private static Result run(String strategy, boolean hedged, Duration duration, Duration warmUp) throws Exception {
        List<WorkServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < SERVERS; i++) {
                servers.add(new WorkServer(WORKERS, WORK, 200, SEED + i, i == 0 ? STALLS : WorkServer.Stalls.NONE));
            }
            try (LoadBalancer pool = LoadBalancers.builder("users")
                    .strategy(Strategies.byName(strategy))
                    .backends(servers.stream()
                            .map(server -> Backend.of(server.uri()))
                            .toList())
                    .build()) {
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
                Call.Factory calls = hedged ? LoadBalancing.hedging(client, HedgePolicy.standard()) : client;
                Request request = new Request.Builder().url("http://users/").build();
                OpenLoop.Window counted = new OpenLoop.Window(warmUp, duration);
                OpenLoop.Result result =
                        OpenLoop.run(CALLS_PER_SECOND, duration, SEED, () -> succeeds(calls, request), counted);
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
                long requests = servers.stream().mapToLong(WorkServer::requests).sum();
                return new Result(result, requests, counted);
            }
        } finally {
            servers.forEach(WorkServer::close);
        }
    }

    private static boolean succeeds(Call.Factory calls, Request request) {
        try (Response response = calls.newCall(request).execute()) {
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    private static void print(String strategy, boolean hedged, Result figures, Table table) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %d of %,d | %.4f | %.1f | %.1f | %.1f | %.1f |%n",
                strategy + (hedged ? ", hedged" : ""),
                figures.result().failed(),
                figures.result().calls(),
                figures.requestsPerCall(),
                figures.millis(50),
                figures.millis(99),
                figures.millis(99.9),
                figures.result().latest().toNanos() / 1e6);
        table.add(
                strategy,
                hedged ? "yes" : "no",
                figures.result().calls(),
                figures.result().failed(),
                Table.rounded(4, figures.requestsPerCall()),
                Table.rounded(1, figures.millis(50)),
                Table.rounded(1, figures.millis(99)),
                Table.rounded(1, figures.millis(99.9)),
                Table.rounded(1, figures.result().latest().toNanos() / 1e6));
    }
}
