package dev.evenkeel.lb.examples.tail;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.admin.StatsHandler;
import dev.evenkeel.lb.core.admin.StatsPage;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * What a stats page costs the calls while a scraper reads it ten times a second: a pool of 100 backends on five servers of 5 ms,
 * open-loop calls, in blocks of a few seconds with and without the scraper, in turns, with the same arrivals. Prints the latencies
 * of both, and the ratios of neighbouring blocks with their spread.
 *
 * <p>Arguments: {@code --seconds N} with the scraper (default 60, and as many without), {@code --out DIR} for the figures.
 */
public final class ScrapedCalls {
    private static final int SERVERS = 5;
    private static final int BACKENDS = 100;
    private static final double CALLS_PER_SECOND = 300;
    private static final Duration WORK = Duration.ofMillis(5);
    private static final Duration BLOCK = Duration.ofSeconds(5);
    private static final long SEED = 42;

    private ScrapedCalls() {}

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--seconds"), args);
        int pairs = Math.max(1, arguments.number("--seconds", 60) / (int) BLOCK.toSeconds());
        Cost cost = run(pairs, BLOCK);
        System.out.printf(
                Locale.ROOT,
                "%d backends on %d servers; %.0f calls a second; %d blocks of %d s with the scraper, and as many without%n",
                BACKENDS,
                SERVERS,
                CALLS_PER_SECOND,
                pairs,
                BLOCK.toSeconds());
        System.out.printf(
                Locale.ROOT,
                "%,d calls, %d failed; %,d scrapes, %d failed, %,d bytes each%n",
                cost.calls(),
                cost.failed(),
                cost.scrapes(),
                cost.failedScrapes(),
                cost.bytes() / Math.max(1, cost.scrapes()));
        Table table = Figures.SCRAPED.table();
        for (double percentile : new double[] {50, 90, 99}) {
            List<Double> ratios = cost.pairs().stream()
                    .map(pair ->
                            pair.scraped().millis(percentile) / pair.control().millis(percentile))
                    .sorted()
                    .toList();
            table.add(
                    "p" + Table.rounded(0, percentile),
                    Table.rounded(2, median(cost, pair -> pair.control().millis(percentile))),
                    Table.rounded(2, median(cost, pair -> pair.scraped().millis(percentile))),
                    Table.rounded(3, ratios.get(ratios.size() / 2)),
                    Table.rounded(3, ratios.get(0)),
                    Table.rounded(3, ratios.get(ratios.size() - 1)),
                    cost.calls(),
                    cost.failed(),
                    cost.scrapes(),
                    cost.failedScrapes());
        }
        for (Table.Row row : table.rows()) {
            System.out.printf(
                    "%s: %s ms without, %s ms with; ratio by pair: median %s, %s to %s%n",
                    row.text("percentile"),
                    row.text("without ms"),
                    row.text("with ms"),
                    row.text("ratio"),
                    row.text("ratio least"),
                    row.text("ratio most"));
        }
        Figures.SCRAPED.write(arguments.out(), table);
    }

    private static double median(Cost cost, ToDoubleFunction<Pair> value) {
        double[] values = cost.pairs().stream().mapToDouble(value).sorted().toArray();
        return values[values.length / 2];
    }

    /** One block of calls. */
    record Block(OpenLoop.Result result, OpenLoop.Window window) {
        double millis(double percentile) {
            return window.latency().getValueAtPercentile(percentile) / 1e3;
        }
    }

    /** Two blocks, one after the other. */
    record Pair(Block control, Block scraped) {}

    /**
     * What it came to.
     *
     * @param pairs of blocks
     * @param scrapes made
     * @param failedScrapes of them
     * @param bytes of all pages
     */
    record Cost(List<Pair> pairs, long scrapes, long failedScrapes, long bytes) {
        long calls() {
            return pairs.stream()
                    .mapToLong(pair -> pair.control().result().calls()
                            + pair.scraped().result().calls())
                    .sum();
        }

        long failed() {
            return pairs.stream()
                    .mapToLong(pair -> pair.control().result().failed()
                            + pair.scraped().result().failed())
                    .sum();
        }
    }

    static Cost run(int pairs, Duration block) throws Exception {
        List<WorkServer> servers = new ArrayList<>();
        HttpServer page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try {
            for (int i = 0; i < SERVERS; i++) {
                servers.add(new WorkServer(16, WORK, 200, SEED + i));
            }
            List<Backend> backends = new ArrayList<>();
            for (int i = 0; i < BACKENDS; i++) {
                backends.add(Backend.builder(servers.get(i % SERVERS).uri())
                        .id("backend-" + i)
                        .build());
            }
            try (LoadBalancer pool =
                    LoadBalancers.builder("users").backends(backends).build()) {
                page.createContext("/pools", StatsHandler.of(StatsPage.of(pool)));
                page.start();
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
                Scraper scraper = new Scraper(page.getAddress().getPort());
                block(client, block, SEED); // warm-up
                List<Pair> measured = new ArrayList<>();
                for (int i = 0; i < pairs; i++) {
                    // The second one gains or loses by that: they take turns.
                    boolean controlFirst = i % 2 == 0;
                    Block first = controlFirst ? block(client, block, i) : scraper.during(client, block, i);
                    Block second = controlFirst ? scraper.during(client, block, i) : block(client, block, i);
                    measured.add(controlFirst ? new Pair(first, second) : new Pair(second, first));
                }
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
                return new Cost(measured, scraper.scrapes.get(), scraper.failed.get(), scraper.bytes.get());
            }
        } finally {
            page.stop(0);
            servers.forEach(WorkServer::close);
        }
    }

    private static Block block(OkHttpClient client, Duration length, long seed) throws InterruptedException {
        Request request = new Request.Builder().url("http://users/").build();
        OpenLoop.Window window = new OpenLoop.Window(Duration.ZERO, length);
        return new Block(OpenLoop.run(CALLS_PER_SECOND, length, seed, () -> succeeds(client, request), window), window);
    }

    private static boolean succeeds(OkHttpClient client, Request request) {
        try (Response response = client.newCall(request).execute()) {
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads the page ten times a second. */
    private static final class Scraper {
        private static final long EVERY_MILLIS = 100;

        private final HttpClient http = HttpClient.newHttpClient();
        private final HttpRequest request;
        private final AtomicLong scrapes = new AtomicLong();
        private final AtomicLong failed = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();

        Scraper(int port) {
            request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/pools"))
                    .build();
        }

        Block during(OkHttpClient client, Duration length, long seed) throws InterruptedException {
            ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "scraper");
                thread.setDaemon(true);
                return thread;
            });
            try {
                var unused = timer.scheduleAtFixedRate(this::scrape, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
                return block(client, length, seed);
            } finally {
                timer.shutdownNow();
                timer.awaitTermination(1, TimeUnit.MINUTES);
            }
        }

        private void scrape() {
            try {
                HttpResponse<String> page = http.send(request, HttpResponse.BodyHandlers.ofString());
                scrapes.incrementAndGet();
                bytes.addAndGet(page.body().length());
                if (page.statusCode() != 200 || !page.body().contains("backend-" + (BACKENDS - 1))) {
                    failed.incrementAndGet();
                }
            } catch (IOException e) {
                scrapes.incrementAndGet();
                failed.incrementAndGet();
            } catch (InterruptedException e) {
                // The block is over.
                Thread.currentThread().interrupt();
            }
        }
    }
}
