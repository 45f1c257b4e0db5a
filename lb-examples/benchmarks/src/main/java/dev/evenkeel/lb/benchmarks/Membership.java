package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.examples.common.Table;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What building a pool costs the thread that builds it; what one change of membership costs the thread that makes it, until the next
 * pick sees it, beside the copy of an array of as many references; and what a pool keeps in memory for each backend, after calls to
 * all of them, beside the backends' own descriptions.
 */
final class Membership {
    static final List<String> COLUMNS = List.of("strategy", "backends", "build ms", "change us", "copy us", "bytes");

    private static final List<String> STRATEGIES = List.of(
            "adaptive",
            "roundRobin",
            "leastConnections",
            "weightedRoundRobin",
            "random",
            "powerOfTwo",
            "leastResponseTime",
            "resourceBased",
            "latencyTiers",
            "ipHash",
            "consistentHash");
    private static final int[] SIZES = {10, 1_000, 10_000, 100_000};
    private static final int MAX_CHANGES = 6_000;
    /**
     * Each with the most changes: what has not been compiled yet takes some 50 µs more, however small the pool, and loops over a
     * large one are compiled once more.
     */
    private static final int[] WARM_UPS = {100, 100, 100, 100, 10_000};

    private static final int MIN_CHANGES = 4;
    /** A large Maglev table takes long to fill. */
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Membership() {}

    static Table run(PrintStream out) {
        Table table = Figures.MEMBERSHIP.table();
        out.println(
                "| strategy | backends | build, ms | a change, µs | × copying the array | memory of a backend, B |");
        out.println("|---|---:|---:|---:|---:|---:|");
        for (String strategy : STRATEGIES) {
            for (int size : WARM_UPS) {
                measure(strategy, size, Figures.MEMBERSHIP.table());
            }
            for (int size : SIZES) {
                measure(strategy, size, table);
                out.println(line(table));
                out.flush();
            }
        }
        return table;
    }

    private static String line(Table table) {
        Table.Row row = table.rows().get(table.rows().size() - 1);
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %s | %s | %.1f | %s |",
                row.text("strategy"),
                row.number("backends"),
                row.text("build ms"),
                row.text("change us"),
                row.number("change us") / row.number("copy us"),
                row.text("bytes").isEmpty() ? "–" : row.text("bytes"));
    }

    private static void measure(String strategy, int size, Table table) {
        List<Backend> backends = new ArrayList<>(size + 1);
        for (int i = 0; i <= size; i++) {
            backends.add(Backend.of("http://10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":8080"));
        }
        Backend last = backends.remove(size);
        long before = usedBytes();
        long start = THREADS.getCurrentThreadCpuTime();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.byName(strategy))
                .backends(backends)
                .build()) {
            long built = THREADS.getCurrentThreadCpuTime() - start;
            call(pool, 4L * size);
            long bytes = (usedBytes() - before) / size;
            Cost cost = changes(pool, last, size);
            // A few backends weigh less than what else there is.
            table.add(
                    strategy,
                    size,
                    Table.rounded(2, built / 1e6),
                    Table.rounded(1, cost.changeMicros),
                    Table.rounded(3, cost.copyMicros),
                    size < 1_000 ? null : bytes);
        }
    }

    private static void call(LoadBalancer pool, long calls) {
        for (long i = 0; i < calls; i++) {
            RequestContext request = RequestContext.ofAffinityKey(Long.toString(i));
            ((Lease) pool.acquire(request)).complete(Outcome.SUCCESS);
        }
    }

    /** Medians. */
    private record Cost(double changeMicros, double copyMicros) {}

    /**
     * Changes, each one backend added or removed, and after each a copy of an array: so the copy, too, finds what a cache holds
     * after a change. Of the latter half, since the first warms up.
     */
    private static Cost changes(LoadBalancer pool, Backend backend, int size) {
        Object[] array = new Object[size];
        Arrays.setAll(array, Integer::valueOf);
        long[] changes = new long[MAX_CHANGES];
        long[] copies = new long[MAX_CHANGES];
        int count = 0;
        long kept = 0;
        long begin = THREADS.getCurrentThreadCpuTime();
        long start = begin;
        while (count < MAX_CHANGES && (count < MIN_CHANGES || start - begin < ENOUGH_NANOS)) {
            start = THREADS.getCurrentThreadCpuTime();
            if (count % 2 == 0) {
                pool.registry().add(backend);
            } else {
                pool.registry().remove(backend.id());
            }
            long changed = THREADS.getCurrentThreadCpuTime();
            kept += Arrays.copyOf(array, size + 1).length;
            changes[count] = changed - start;
            copies[count++] = THREADS.getCurrentThreadCpuTime() - changed;
        }
        if (kept == 0 || pool.snapshot().version() < count) {
            throw new IllegalStateException("not every change has made a snapshot");
        }
        return new Cost(medianMicros(changes, count), medianMicros(copies, count));
    }

    private static double medianMicros(long[] nanos, int count) {
        long[] measured = Arrays.copyOfRange(nanos, count / 2, count);
        Arrays.sort(measured);
        return measured[measured.length / 2] / 1e3;
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
