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
 * What one change of membership costs the thread that makes it, until the next pick sees it, beside the copy of an array of as many
 * references; and what a pool keeps in memory for each backend, after calls to all of them, beside the backends' own descriptions.
 */
final class Membership {
    static final List<String> COLUMNS = List.of("strategy", "backends", "change us", "copy us", "bytes");

    private static final int[] SIZES = {10, 1_000, 10_000, 100_000};
    private static final int MOST_CHANGES = 400;
    private static final int LEAST_CHANGES = 4;
    /** A large Maglev table takes long to fill. */
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Membership() {}

    static Table run(PrintStream out) {
        Table table = Figures.MEMBERSHIP.table();
        out.println("| strategy | backends | a change, µs | × copying the array | memory of a backend, B |");
        out.println("|---|---:|---:|---:|---:|");
        for (String strategy : List.of("adaptive", "roundRobin", "leastConnections", "consistentHash")) {
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
                "| %s | %,.0f | %s | %.1f | %s |",
                row.text("strategy"),
                row.number("backends"),
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
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.byName(strategy))
                .backends(backends)
                .build()) {
            call(pool, 4L * size);
            long bytes = (usedBytes() - before) / size;
            double change = change(pool, last);
            double copy = copy(size);
            // A few backends weigh less than what else there is.
            table.add(strategy, size, Table.rounded(1, change), Table.rounded(3, copy), size < 1_000 ? null : bytes);
        }
    }

    private static void call(LoadBalancer pool, long calls) {
        for (long i = 0; i < calls; i++) {
            RequestContext request = RequestContext.ofAffinityKey(Long.toString(i));
            ((Lease) pool.acquire(request)).complete(Outcome.SUCCESS);
        }
    }

    /** The median of changes, each one backend added or removed: of the latter half, since the first warms up. */
    private static double change(LoadBalancer pool, Backend backend) {
        double[] micros = new double[MOST_CHANGES];
        int changes = 0;
        long begin = THREADS.getCurrentThreadCpuTime();
        long start = begin;
        while (changes < MOST_CHANGES && (changes < LEAST_CHANGES || start - begin < ENOUGH_NANOS)) {
            if (changes % 2 == 0) {
                pool.registry().add(backend);
            } else {
                pool.registry().remove(backend.id());
            }
            long end = THREADS.getCurrentThreadCpuTime();
            micros[changes++] = (end - start) / 1e3;
            start = end;
        }
        if (pool.snapshot().version() < changes) {
            throw new IllegalStateException("not every change has made a snapshot");
        }
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
