package dev.evenkeel.lb.examples.observability;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.admin.StatsHandler;
import dev.evenkeel.lb.core.admin.StatsPage;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.metrics.ClientMetrics;
import dev.evenkeel.lb.okhttp.trace.DecisionTrace;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Three servers, one of which fails every fifth request, and a client that calls them for a while. Meanwhile there are a stats
 * page and a Prometheus endpoint on a port of loopback; at the end the program asks the endpoint as a scraper would, prints what it
 * got, and lets one last call explain itself.
 *
 * <p>Arguments: {@code --seconds N} (default 10).
 */
public final class Observability {
    private static final int FAILS_EVERY = 5;
    private static final int CALLERS = 4;
    private static final Duration WORK = Duration.ofMillis(10);

    /** Of all servers; daemons, since a server that is stopped leaves its executor alone. */
    private static final ExecutorService WORKERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "server");
        thread.setDaemon(true);
        return thread;
    });

    private Observability() {}

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        // Else the JDK's server waits for acknowledgements that the client delays.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        int seconds = args.length == 2 && args[0].equals("--seconds") ? Integer.parseInt(args[1]) : 10;
        run(Duration.ofSeconds(seconds), System.out);
    }

    static void run(Duration length, PrintStream out) throws Exception {
        List<HttpServer> servers = new ArrayList<>();
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (LoadBalancer users = LoadBalancers.builder("users")
                .backend(backend("a", false, servers))
                .backend(backend("b", false, servers))
                .backend(backend("flaky", true, servers))
                .strategy(Strategies.leastConnections())
                .build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
            new ClientMetrics(client).bindTo(registry);
            HttpServer operators = start(servers);
            operators.createContext("/metrics", exchange -> answer(exchange, 200, registry.scrape()));
            operators.createContext("/pools", StatsHandler.of(StatsPage.of(users)));
            String address = "http://localhost:" + operators.getAddress().getPort();
            out.println("stats page   " + address + "/pools");
            out.println("prometheus   " + address + "/metrics");

            AtomicLong calls = new AtomicLong();
            AtomicLong failed = new AtomicLong();
            long end = System.nanoTime() + length.toNanos();
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(new Thread(() -> {
                    while (System.nanoTime() < end) {
                        calls.incrementAndGet();
                        if (!call(client, new Request.Builder())) {
                            failed.incrementAndGet();
                        }
                    }
                }));
            }
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                caller.join();
            }
            out.println("calls        " + calls + ", failed " + failed);
            out.println();
            scrape(address).lines().filter(line -> line.startsWith("evenkeel_")).forEach(out::println);
            out.println();
            DecisionTrace why = new DecisionTrace();
            call(client, new Request.Builder().tag(DecisionTrace.class, why));
            out.println(why);
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        } finally {
            servers.forEach(server -> server.stop(0));
            registry.close();
        }
    }

    private static Backend backend(String id, boolean isFlaky, List<HttpServer> servers) throws IOException {
        HttpServer server = start(servers);
        AtomicLong requests = new AtomicLong();
        server.createContext("/", exchange -> {
            boolean fails = requests.incrementAndGet() % FAILS_EVERY == 0 && isFlaky;
            LockSupport.parkNanos(WORK.toNanos());
            answer(exchange, fails ? 503 : 200, "hello from " + id + "\n");
        });
        return Backend.builder("http://127.0.0.1:" + server.getAddress().getPort())
                .id(id)
                .build();
    }

    private static HttpServer start(List<HttpServer> servers) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        servers.add(server);
        server.setExecutor(WORKERS);
        server.start();
        return server;
    }

    private static boolean call(OkHttpClient client, Request.Builder request) {
        try (Response response =
                client.newCall(request.url("http://users/").build()).execute()) {
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    private static String scrape(String address) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address + "/metrics")).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
