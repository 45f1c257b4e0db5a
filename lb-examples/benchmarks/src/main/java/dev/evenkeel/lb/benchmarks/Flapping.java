package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a call costs while health checks find 5 % of 10,000 backends changed in each second: with the checks alone, and with
 * the changes. One thread calls; the checks and the rebuilds run beside it.
 */
final class Flapping {
    static final List<String> COLUMNS =
            List.of("strategy", "health", "nanos", "least", "largest", "snapshots a second", "heap MB");

    private static final int BACKENDS = 10_000;
    private static final int FLAPPING = BACKENDS / 20;
    private static final int SECONDS = 10;
    private static final int CALLS_A_LOOK = 1_000;

    private volatile boolean flaps;
    private final AtomicInteger second = new AtomicInteger();

    private Flapping() {}

    static Table run(PrintStream out) {
        Table table = Figures.FLAPPING.table();
        out.println("10,000 backends, each checked each second; one thread calls\n");
        out.println(
                "| strategy | | ns a call, median of seconds (least–largest) | snapshots a second | heap after GC, MB |");
        out.println("|---|---|---:|---:|---:|");
        for (String strategy : List.of("adaptive", "roundRobin", "consistentHash")) {
            new Flapping().measure(strategy, table);
            table.rows("strategy", strategy).forEach(row -> out.println(line(row)));
        }
        return table;
    }

    private void measure(String strategy, Table table) {
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                isDown(Integer.parseInt(backend.id())) ? HealthResult.unhealthy("flaps") : HealthResult.healthy("up"));
        try (LoadBalancer pool = pool(strategy, check)) {
            phase(pool, 5);
            measure(strategy, "steady", pool, table);
            flaps = true;
            phase(pool, 3);
            measure(strategy, "5 % change each second", pool, table);
        }
    }

    /** 10,000 backends whose ids are 0 to 9,999, each checked each second. */
    static LoadBalancer pool(String strategy, HealthCheck check) {
        List<Backend> backends = new ArrayList<>(BACKENDS);
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(Backend.builder("http://b" + i + ".test")
                    .id(Integer.toString(i))
                    .build());
        }
        return LoadBalancers.builder("users")
                .backends(backends)
                .strategy(Strategies.byName(strategy))
                .healthCheck(HealthCheckPolicy.builder(check)
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .fall(1)
                        .build())
                .build();
    }

    /** Of the backends, 250 go down and 250 come up from each second to the next. */
    static boolean isDown(int id, long second) {
        return Math.floorMod(id - second * FLAPPING / 2, BACKENDS) < FLAPPING / 2;
    }

    private boolean isDown(int id) {
        return flaps && isDown(id, second.get());
    }

    private void measure(String strategy, String phase, LoadBalancer pool, Table table) {
        long version = pool.snapshot().version();
        double[] nanos = phase(pool, SECONDS);
        double rebuilds = (pool.snapshot().version() - version) / (double) SECONDS;
        Arrays.sort(nanos);
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        table.add(
                strategy,
                phase,
                Table.rounded(0, nanos[SECONDS / 2]),
                Table.rounded(0, nanos[0]),
                Table.rounded(0, nanos[SECONDS - 1]),
                Table.rounded(0, rebuilds),
                Table.rounded(0, (runtime.totalMemory() - runtime.freeMemory()) / 1e6));
    }

    private static String line(Table.Row row) {
        return String.format(
                "| %s | %s | %s (%s–%s) | %s | %s |",
                COLUMNS.stream().map(row::text).toArray());
    }

    /** The mean cost of a call in each second. */
    private double[] phase(LoadBalancer pool, int seconds) {
        double[] nanos = new double[seconds];
        RequestContext request = RequestContext.ofAffinityKey("key");
        for (int i = 0; i < seconds; i++) {
            second.getAndIncrement();
            long beginNanos = System.nanoTime();
            long calls = 0;
            long elapsed;
            do {
                for (int call = 0; call < CALLS_A_LOOK; call++) {
                    if (pool.acquire(request) instanceof Lease lease) {
                        lease.complete(Outcome.SUCCESS);
                    }
                }
                calls += CALLS_A_LOOK;
                elapsed = System.nanoTime() - beginNanos;
            } while (elapsed < TimeUnit.SECONDS.toNanos(1));
            nanos[i] = elapsed / (double) calls;
        }
        return nanos;
    }
}
