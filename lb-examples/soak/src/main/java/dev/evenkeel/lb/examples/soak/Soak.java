package dev.evenkeel.lb.examples.soak;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;

/**
 * A million calls over loopback, from 16 threads to 8 servers of which six requests in a hundred come to harm, while callers
 * cancel and backends come and go. Twenty times the calls are let end, and heap, threads and descriptors are counted; the
 * pool's books must agree with themselves, and no POST may have been processed twice.
 *
 * <p>Arguments: {@code --calls N} (default 1,000,000) and {@code --seed N}. Ends with status 1 if something grew or does not
 * add up.
 */
public final class Soak {
    private static final int THREADS = 16;
    private static final int SERVERS = 8;
    private static final int ROUNDS = 20;
    private static final int CALLS_PER_CHANGE = 500;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private Soak() {}

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        int calls = 1_000_000;
        long seed = 42;
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--calls" -> calls = Integer.parseInt(args[i + 1]);
                case "--seed" -> seed = Long.parseLong(args[i + 1]);
                default ->
                    throw new IllegalArgumentException(
                            "unknown argument \"" + args[i] + "\"; expected --calls, --seed");
            }
        }
        long start = System.nanoTime();
        Report report = run(calls, seed);
        System.out.println("| calls | heap KB | threads | descriptors |");
        System.out.println("|---|---|---|---|");
        for (Sample sample : report.samples) {
            System.out.printf(
                    Locale.ROOT,
                    "| %,d | %,d | %d | %d |%n",
                    sample.calls(),
                    sample.heapBytes() / 1_024,
                    sample.threads(),
                    sample.descriptors());
        }
        System.out.printf(
                Locale.ROOT,
                "%n%,d calls in %d s, seed %d; %,d changes of membership; ends: %s%n",
                calls,
                (System.nanoTime() - start) / 1_000_000_000,
                seed,
                report.changes,
                report.ends);
        List<String> faults = report.faults();
        System.out.println(faults.isEmpty() ? "flat, and the books agree" : String.join("\n", faults));
        if (!faults.isEmpty()) {
            System.exit(1);
        }
    }

    /** What a run came to. */
    record Report(List<Sample> samples, TreeMap<String, Long> ends, long changes, List<String> disagreements) {
        private static final long HEAP_NOISE_BYTES = 4 << 20;
        private static final int THREAD_NOISE = 32;
        private static final int DESCRIPTOR_NOISE = 16;

        /** What grew, and what does not add up. The first quarter is left to what is made once. */
        List<String> faults() {
            List<String> faults = new ArrayList<>(disagreements);
            Sample early = samples.get(samples.size() / 4);
            Sample late = samples.get(samples.size() - 1);
            if (late.heapBytes() - early.heapBytes() > HEAP_NOISE_BYTES) {
                faults.add("the heap grew from " + early.heapBytes() + " to " + late.heapBytes() + " bytes");
            }
            if (late.threads() - early.threads() > THREAD_NOISE) {
                faults.add("there were " + early.threads() + " threads, then " + late.threads());
            }
            if (late.descriptors() - early.descriptors() > DESCRIPTOR_NOISE) {
                faults.add("there were " + early.descriptors() + " descriptors, then " + late.descriptors());
            }
            return faults;
        }
    }

    static Report run(int calls, long seed) throws Exception {
        AtomicIntegerArray processed = new AtomicIntegerArray(calls);
        List<FaultyServer> servers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int i = 0; i < SERVERS; i++) {
                servers.add(new FaultyServer(seed + i, processed::incrementAndGet));
            }
            List<Backend> backends =
                    servers.stream().map(server -> Backend.of(server.uri())).toList();
            try (LoadBalancer pool =
                    LoadBalancers.builder("users").backends(backends).build()) {
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
                try (Caller caller = new Caller(client, seed)) {
                    Operator operator = new Operator(pool.registry(), backends, seed);
                    List<String> disagreements = new ArrayList<>();
                    List<Sample> samples = new ArrayList<>();
                    for (int round = 1; round <= ROUNDS; round++) {
                        int until = (int) ((long) calls * round / ROUNDS);
                        callAll(threads, caller, operator, (int) ((long) calls * (round - 1) / ROUNDS), until);
                        operator.bringAllBack();
                        disagreements.addAll(rest(pool, client, servers));
                        samples.add(Sample.take(until));
                    }
                    for (int number = 0; number < calls; number++) {
                        if (processed.get(number) > 1 && caller.isSingle(number)) {
                            disagreements.add("POST " + number + " was processed " + processed.get(number) + " times");
                        }
                    }
                    TreeMap<String, Long> ends = new TreeMap<>();
                    caller.ends().forEach((end, count) -> ends.put(end, count.sum()));
                    long ended =
                            ends.values().stream().mapToLong(Long::longValue).sum();
                    if (ended != calls) {
                        disagreements.add(ended + " calls ended of " + calls);
                    }
                    return new Report(samples, ends, operator.changes(), disagreements);
                } finally {
                    client.dispatcher().executorService().shutdown();
                }
            }
        } finally {
            threads.shutdownNow();
            for (FaultyServer server : servers) {
                server.close();
            }
        }
    }

    private static void callAll(ExecutorService threads, Caller caller, Operator operator, int from, int until)
            throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        Callable<Void> calls = () -> {
            for (int number = next.getAndIncrement(); number < until; number = next.getAndIncrement()) {
                if (number % CALLS_PER_CHANGE == 0) {
                    operator.act();
                }
                caller.call(number);
            }
            return null;
        };
        List<Callable<Void>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(calls);
        }
        for (Future<Void> done : threads.invokeAll(all)) {
            done.get();
        }
    }

    /** Waits until nothing is under way, and says what does not add up then. */
    private static List<String> rest(LoadBalancer pool, OkHttpClient client, List<FaultyServer> servers) {
        List<String> disagreements = new ArrayList<>();
        if (!await(() -> pool.snapshot().inFlight() == 0)) {
            disagreements.add(pool.snapshot().inFlight() + " calls are in flight, and none was made");
        }
        boolean closed = await(() -> {
            // A hedge that lost may give its connection back late.
            client.connectionPool().evictAll();
            return servers.stream().allMatch(server -> server.connections() == 0);
        });
        if (!closed) {
            disagreements.add(
                    "connections stay open: " + client.connectionPool().connectionCount());
        }
        for (BackendStatus status : pool.snapshot().backends()) {
            long ended = status.outcomes().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            if (ended != status.requests()) {
                disagreements.add(status.backend().id() + " was given " + status.requests() + " requests, and " + ended
                        + " have ended");
            }
        }
        return disagreements;
    }

    private static boolean await(BooleanSupplier condition) {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                return false;
            }
            LockSupport.parkNanos(5_000_000);
        }
        return true;
    }
}
