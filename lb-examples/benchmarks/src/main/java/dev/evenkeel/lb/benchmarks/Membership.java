package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What one change of membership costs the thread that makes it, until the next pick sees it, beside the copy of an array of as many
 * references; and what a pool keeps in memory for each backend, after calls to all of them, beside the backends' own descriptions.
 */
final class Membership {
    private static final int[] SIZES = {10, 1_000, 10_000, 100_000};
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Membership() {}

    static void run(PrintStream out) {
        out.println("| strategy | backends | a change, µs | × copying the array | memory of a backend, B |");
        out.println("|---|---:|---:|---:|---:|");
        for (String strategy : List.of("adaptive", "roundRobin", "leastConnections", "consistentHash")) {
            for (int size : SIZES) {
                out.println(row(strategy, size));
                out.flush();
            }
        }
    }

    private static String row(String strategy, int size) {
        List<Backend> backends = new ArrayList<>(size + 1);
        for (int i = 0; i <= size; i++) {
            backends.add(Backend.of("http://10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":8080"));
        }
        Backend last = backends.remove(size);
        long before = usedBytes();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.byName(strategy))
                .backends(backends)
                .build()) {
            call(pool, 4L * size);
            long bytes = (usedBytes() - before) / size;
            double change = change(pool, last);
            double copy = copy(size);
            return String.format(
                    Locale.ROOT,
                    "| %s | %,d | %.1f | %.1f | %s |",
                    strategy,
                    size,
                    change,
                    change / copy,
                    size < 1_000 ? "–" : Long.toString(bytes));
        }
    }

    private static void call(LoadBalancer pool, long calls) {
        for (long i = 0; i < calls; i++) {
            RequestContext request = RequestContext.ofAffinityKey(Long.toString(i));
            ((Lease) pool.acquire(request)).complete(Outcome.SUCCESS);
        }
    }

    /** The median of changes, each one backend added or removed. */
    private static double change(LoadBalancer pool, Backend backend) {
        int changes = 400;
        double[] micros = new double[changes];
        for (int i = 0; i < changes; i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            if (i % 2 == 0) {
                pool.registry().add(backend);
            } else {
                pool.registry().remove(backend.id());
            }
            micros[i] = (THREADS.getCurrentThreadCpuTime() - start) / 1e3;
        }
        if (pool.snapshot().version() < changes) {
            throw new IllegalStateException("not every change has made a snapshot");
        }
        // The first half warms up.
        double[] measured = Arrays.copyOfRange(micros, changes / 2, changes);
        Arrays.sort(measured);
        return measured[measured.length / 2];
    }

    private static double copy(int size) {
        Object[] array = new Object[size];
        Arrays.setAll(array, Integer::valueOf);
        int rounds = Math.max(2_000, 20_000_000 / size);
        long kept = 0;
        for (int i = 0; i < rounds; i++) {
            kept += Arrays.copyOf(array, size + 1).length;
        }
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < rounds; i++) {
            kept += Arrays.copyOf(array, size + 1).length;
        }
        double micros = (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / rounds;
        return kept > 0 ? micros : Double.NaN;
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
