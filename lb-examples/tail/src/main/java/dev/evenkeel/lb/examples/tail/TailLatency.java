package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Five servers of 4 workers, one of them 10 times slower, open-loop load at 60 % of what they can do together. Prints for
 * each strategy the share of calls that the slow server got and the tail latency, beside an oracle that never uses it.
 *
 * <p>Arguments: strategies by name (default: adaptive, leastResponseTime, leastConnections, powerOfTwo, roundRobin) and
 * {@code --seconds N} (default 50; the last columns need at least 45), {@code --out DIR} for the figures (default {@code target/results}).
 */
public final class TailLatency {
    private static final Duration FAST = Duration.ofMillis(10);
    private static final Duration SLOW = Duration.ofMillis(100);
    private static final int WORKERS = 4;
    private static final int FAST_SERVERS = 4;
    private static final double LOAD = 0.6;
    private static final long SEED = 42;

    private TailLatency() {}

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--seconds"), args);
        int seconds = arguments.number("--seconds", 50);
        List<String> strategies =
                arguments.words("adaptive", "leastResponseTime", "leastConnections", "powerOfTwo", "roundRobin");
        System.out.printf(
                Locale.ROOT,
                "5 servers of %d workers, 10 ms, one of them 100 ms; %.0f calls a second (%.0f %% load), %d s each%n%n",
                WORKERS,
                rate(),
                LOAD * 100,
                seconds);
        run("roundRobin", true, Duration.ofSeconds(5));
        System.out.println("| strategy | failed | slow server's share from 4 s on | p50 ms | p99 ms, 4 s to 14 s |"
                + " × oracle | p99 ms from 40 s on | × oracle | schedule late at most ms |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        Table table = Figures.STRATEGIES.table();
        Result oracle = run("adaptive", true, Duration.ofSeconds(seconds));
        print("oracle", oracle, oracle, table);
        for (String strategy : strategies) {
            print(strategy, run(strategy, false, Duration.ofSeconds(seconds)), oracle, table);
        }
        Figures.STRATEGIES.write(arguments.out(), table);
    }

    private static double rate() {
        double perServer = WORKERS * 1e9;
        return LOAD * (FAST_SERVERS * perServer / FAST.toNanos() + perServer / SLOW.toNanos());
    }

    /**
     * What one run came to.
     *
     * @param result of the schedule
     * @param slowShare of the calls from 4 s on
     * @param early from 4 s to 14 s
     * @param late from 40 s on
     */
    record Result(OpenLoop.Result result, double slowShare, OpenLoop.Window early, OpenLoop.Window late) {}

    /** One run on fresh servers with a fresh pool. */
    static Result run(String strategy, boolean oracle, Duration duration) throws Exception {
        List<WorkServer> servers = new ArrayList<>();
        WorkServer slow = new WorkServer(WORKERS, SLOW, 200, SEED);
        try (slow) {
            for (int i = 0; i < FAST_SERVERS; i++) {
                servers.add(new WorkServer(WORKERS, FAST, 200, SEED + 1 + i));
            }
            try (LoadBalancer pool = LoadBalancers.builder("users")
                    .strategy(Strategies.byName(strategy))
                    .backends(servers.stream()
                            .map(server -> Backend.of(server.uri()))
                            .toList())
                    .build()) {
                if (!oracle) {
                    pool.registry().add(Backend.of(slow.uri()));
                }
                return measure(pool, slow, duration);
            }
        } finally {
            servers.forEach(WorkServer::close);
        }
    }

    private static Result measure(LoadBalancer pool, WorkServer slow, Duration duration) throws Exception {
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
        Request request = new Request.Builder().url("http://users/").build();
        OpenLoop.Window early = new OpenLoop.Window(Duration.ofSeconds(4), Duration.ofSeconds(14));
        OpenLoop.Window late = new OpenLoop.Window(Duration.ofSeconds(40), duration);
        OpenLoop.Window counted = new OpenLoop.Window(Duration.ofSeconds(4), duration);
        long[] before = new long[1];
        Thread slowAtFourSeconds = new Thread(
                () -> {
                    try {
                        Thread.sleep(4_000);
                        before[0] = slow.requests();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "four-seconds");
        slowAtFourSeconds.start();
        OpenLoop.Result result =
                OpenLoop.run(rate(), duration, SEED, () -> call(client, request), early, late, counted);
        slowAtFourSeconds.join();
        client.connectionPool().evictAll();
        double share = (slow.requests() - before[0])
                / (double) Math.max(1, counted.latency().getTotalCount());
        return new Result(result, share, early, late);
    }

    private static boolean call(OkHttpClient client, Request request) {
        try (Response response = client.newCall(request).execute()) {
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    private static void print(String name, Result figures, Result oracle, Table table) {
        double early = figures.early().latency().getValueAtPercentile(99) / 1e3;
        double late = figures.late().latency().getValueAtPercentile(99) / 1e3;
        System.out.printf(
                Locale.ROOT,
                "| %s | %d of %d | %.2f %% | %.1f | %.1f | %.2f | %.1f | %.2f | %.1f |%n",
                name,
                figures.result().failed(),
                figures.result().calls(),
                figures.slowShare() * 100,
                figures.early().latency().getValueAtPercentile(50) / 1e3,
                early,
                early * 1e3 / oracle.early().latency().getValueAtPercentile(99),
                late,
                late * 1e3 / oracle.late().latency().getValueAtPercentile(99),
                figures.result().latest().toNanos() / 1e6);
        table.add(
                name,
                figures.result().calls(),
                figures.result().failed(),
                Table.rounded(2, figures.slowShare() * 100),
                Table.rounded(1, figures.early().latency().getValueAtPercentile(50) / 1e3),
                Table.rounded(1, early),
                Table.rounded(1, late),
                Table.rounded(1, figures.result().latest().toNanos() / 1e6));
    }
}
