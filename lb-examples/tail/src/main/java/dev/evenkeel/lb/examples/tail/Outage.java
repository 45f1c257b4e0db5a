package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * All three backends of a pool fail for half a minute under 500 open-loop calls a second, and work again. Counts what comes to
 * them: what retries add to the outage, and whether the traffic surges when it ends.
 *
 * <p>Arguments: {@code --seconds N} of outage (default 30), {@code --status N}, which the servers answer meanwhile (default
 * 503), {@code --out DIR} for the figures (default {@code target/results}).
 */
public final class Outage {
    private static final double CALLS_PER_SECOND = 500;
    private static final int SERVERS = 3;
    private static final int WORKERS = 32;
    private static final Duration WORK = Duration.ofMillis(2);
    private static final int BUCKETS_PER_SECOND = 10;
    private static final long SEED = 42;

    private Outage() {}

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--seconds", "--status"), args);
        int seconds = arguments.number("--seconds", 30);
        int status = arguments.number("--status", 503);
        Result figures = run(10, seconds, 10, status);
        System.out.printf(
                Locale.ROOT,
                "%.0f calls a second; all backends answer %d for %d s%n%n"
                        + "| | calls | failed | requests | requests per call |%n|---|---|---|---|---|%n",
                CALLS_PER_SECOND,
                status,
                seconds);
        print("before", figures.before);
        print("outage", figures.outage);
        print("the first second after it", figures.firstSecond);
        print("the rest", figures.rest);
        System.out.printf(
                Locale.ROOT,
                "%nrequests a second: %.0f before; %d in the first second after, %.2f of it; at most %d in any second after%n",
                figures.steady(),
                figures.firstSecond.requests,
                figures.firstSecond.requests / figures.steady(),
                figures.peak);
        Figures.OUTAGE.write(arguments.out(), figures.table());
    }

    private static void print(String name, Span span) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d | %,d | %,d | %.4f |%n",
                name,
                span.calls,
                span.failed,
                span.requests,
                span.requests / (double) span.calls);
    }

    /**
     * What happened between two moments.
     *
     * @param seconds long
     * @param calls that ended
     * @param failed of the calls that ended
     * @param requests that came to the servers
     */
    record Span(int seconds, long calls, long failed, long requests) {
        double perSecond() {
            return requests / (double) seconds;
        }

        void addTo(Table table, String name) {
            table.add(name, calls, failed, requests, Table.rounded(0, perSecond()));
        }
    }

    /**
     * What it came to.
     *
     * @param before the outage
     * @param outage itself
     * @param firstSecond after it
     * @param rest after that
     * @param peak the most requests in any second after the outage
     */
    record Result(Span before, Span outage, Span firstSecond, Span rest, long peak) {
        double steady() {
            return before.perSecond();
        }

        Table table() {
            Table table = Figures.OUTAGE.table();
            before.addTo(table, "before");
            outage.addTo(table, "outage");
            firstSecond.addTo(table, "first second after it");
            rest.addTo(table, "the rest");
            return table.add("most in any second after it", null, null, peak, peak);
        }
    }

    static Result run(int secondsBefore, int secondsOutage, int secondsAfter, int status) throws Exception {
        int seconds = secondsBefore + secondsOutage + secondsAfter;
        Counts calls = new Counts(seconds);
        Counts failed = new Counts(seconds);
        Counts requests = new Counts(seconds);
        List<WorkServer> servers = new ArrayList<>();
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1);
        try {
            for (int i = 0; i < SERVERS; i++) {
                servers.add(new WorkServer(WORKERS, WORK, 200, SEED + i));
            }
            try (LoadBalancer pool = LoadBalancers.builder("users")
                    .backends(servers.stream()
                            .map(server -> Backend.of(server.uri()))
                            .toList())
                    .build()) {
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
                warmUp(client);
                long start = System.nanoTime();
                servers.forEach(server -> server.onRequest(() -> requests.add(System.nanoTime() - start)));
                var failing = clock.schedule(
                        () -> servers.forEach(server -> server.status(status)), secondsBefore, TimeUnit.SECONDS);
                var working = clock.schedule(
                        () -> servers.forEach(server -> server.status(200)),
                        secondsBefore + (long) secondsOutage,
                        TimeUnit.SECONDS);
                OpenLoop.run(CALLS_PER_SECOND, Duration.ofSeconds(seconds), SEED, () -> {
                    boolean succeeded = succeeds(client);
                    // By its end: what is under way when the outage begins belongs to the outage.
                    long end = System.nanoTime() - start;
                    calls.add(end);
                    if (!succeeded) {
                        failed.add(end);
                    }
                    return succeeded;
                });
                failing.get();
                working.get();
                client.connectionPool().evictAll();
            }
        } finally {
            clock.shutdownNow();
            servers.forEach(WorkServer::close);
        }
        int end = secondsBefore + secondsOutage;
        return new Result(
                span(0, secondsBefore, calls, failed, requests),
                span(secondsBefore, end, calls, failed, requests),
                span(end, end + 1, calls, failed, requests),
                span(end + 1, seconds, calls, failed, requests),
                requests.mostInASecond(end));
    }

    /** So that the first calls of the schedule do not wait for the compiler. */
    private static void warmUp(OkHttpClient client) {
        for (int i = 0; i < 500; i++) {
            if (!succeeds(client)) {
                throw new IllegalStateException("a call failed before the outage");
            }
        }
    }

    private static boolean succeeds(OkHttpClient client) {
        try (Response response = client.newCall(
                        new Request.Builder().url("http://users/").build())
                .execute()) {
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    private static Span span(int from, int to, Counts calls, Counts failed, Counts requests) {
        return new Span(to - from, calls.between(from, to), failed.between(from, to), requests.between(from, to));
    }

    /** Events by tenths of a second; what comes after the last counts there. */
    private static final class Counts {
        private final AtomicLongArray buckets;

        Counts(int seconds) {
            buckets = new AtomicLongArray(seconds * BUCKETS_PER_SECOND);
        }

        void add(long nanos) {
            buckets.incrementAndGet(
                    (int) Math.min(buckets.length() - 1L, nanos / (TimeUnit.SECONDS.toNanos(1) / BUCKETS_PER_SECOND)));
        }

        long between(int fromSecond, int toSecond) {
            return sum(fromSecond * BUCKETS_PER_SECOND, toSecond * BUCKETS_PER_SECOND);
        }

        private long sum(int from, int to) {
            long sum = 0;
            for (int i = from; i < to; i++) {
                sum += buckets.get(i);
            }
            return sum;
        }

        long mostInASecond(int fromSecond) {
            long most = 0;
            for (int i = fromSecond * BUCKETS_PER_SECOND; i + BUCKETS_PER_SECOND <= buckets.length(); i++) {
                most = Math.max(most, sum(i, i + BUCKETS_PER_SECOND));
            }
            return most;
        }
    }
}
