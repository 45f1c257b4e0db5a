package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
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
    private static final int BACKENDS = 10_000;
    private static final int FLAPPING = BACKENDS / 20;
    private static final int SECONDS = 10;
    private static final int CALLS_A_LOOK = 1_000;

    private volatile boolean flaps;
    private final AtomicInteger second = new AtomicInteger();

    private Flapping() {}

    static void run(PrintStream out) {
        out.println("10,000 backends, each checked each second; one thread calls\n");
        out.println(
                "| strategy | | ns a call, median of seconds (least–largest) | snapshots a second | heap after GC, MB |");
        out.println("|---|---|---:|---:|---:|");
        for (String strategy : List.of("adaptive", "roundRobin", "consistentHash")) {
            new Flapping().measure(strategy, out);
        }
    }

    private void measure(String strategy, PrintStream out) {
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                isDown(Integer.parseInt(backend.id())) ? HealthResult.unhealthy("flaps") : HealthResult.healthy("up"));
        List<Backend> backends = new ArrayList<>(BACKENDS);
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(Backend.builder("http://b" + i + ".test")
                    .id(Integer.toString(i))
                    .build());
        }
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends(backends)
                .strategy(Strategies.byName(strategy))
                .healthCheck(HealthCheckPolicy.builder(check)
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .fall(1)
                        .build())
                .build()) {
            phase(pool, 5);
            out.println(row(strategy, "steady", pool));
            flaps = true;
            phase(pool, 3);
            out.println(row("", "5 % change each second", pool));
        }
    }

    /** 250 go down and 250 come up in each second. */
    private boolean isDown(int id) {
        return flaps && Math.floorMod(id - second.get() * FLAPPING / 2, BACKENDS) < FLAPPING / 2;
    }

    private String row(String strategy, String phase, LoadBalancer pool) {
        long version = pool.snapshot().version();
        double[] nanos = phase(pool, SECONDS);
        double rebuilds = (pool.snapshot().version() - version) / (double) SECONDS;
        Arrays.sort(nanos);
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return String.format(
                "| %s | %s | %.0f (%.0f–%.0f) | %.0f | %.0f |",
                strategy,
                phase,
                nanos[SECONDS / 2],
                nanos[0],
                nanos[SECONDS - 1],
                rebuilds,
                (runtime.totalMemory() - runtime.freeMemory()) / 1e6);
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
