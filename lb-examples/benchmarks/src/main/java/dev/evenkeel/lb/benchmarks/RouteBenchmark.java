package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteBuilder;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What finding a request's route costs: its position in the table must not show. */
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class RouteBenchmark {
    private static final int REQUESTS = 1_024;
    private static final int ROUTES_OF_A_HOST = 10;

    /** How many routes the table has. */
    @Param({"10", "100", "1000"})
    public int routes;

    /**
     * {@code hosts}: ten routes for each host, of which three are exact paths, five prefixes (one with a header), one an
     * expression, one takes the rest. {@code paths}: one host, a prefix for each route.
     */
    @Param({"hosts", "paths"})
    public String layout;

    private RouteTable table;
    private Request[] requests;
    private int next;

    /** Makes table and requests; each route has its share of them. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        List<Route> list = new ArrayList<>();
        for (int i = 0; i < routes; i++) {
            list.add(layout.equals("hosts") ? ofHost(i) : ofPath(i));
        }
        table = RouteTable.of(list);
        requests = new Request[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            requests[i] = layout.equals("hosts") ? toHost(random) : toPath(random);
        }
    }

    private static Route ofHost(int i) {
        RouteBuilder route = Route.builder("r" + i)
                .host("h" + i / ROUTES_OF_A_HOST + ".example.com")
                .to("pool");
        int kind = i % ROUTES_OF_A_HOST;
        switch (kind) {
            case 0, 1, 2 -> route.path("/exact/" + kind);
            case 3 -> route.pathPrefix("/api/3").header("X-Stage", "canary");
            case 4, 5, 6, 7 -> route.pathPrefix("/api/" + (kind - 1));
            case 8 -> route.pathRegex("/u/\\d+/photo");
            default -> {}
        }
        return route.build();
    }

    private Request toHost(Random random) {
        String[] paths = {"/exact/1", "/api/3/users/42", "/api/6/x", "/u/42/photo", "/elsewhere"};
        return new Request.Builder()
                .url("http://h" + random.nextInt(routes / ROUTES_OF_A_HOST) + ".example.com"
                        + paths[random.nextInt(paths.length)])
                .build();
    }

    private static Route ofPath(int i) {
        return Route.builder("r" + i)
                .host("api.example.com")
                .pathPrefix("/v1/service" + i)
                .to("pool")
                .build();
    }

    private Request toPath(Random random) {
        return new Request.Builder()
                .url("http://api.example.com/v1/service" + random.nextInt(routes) + "/users/42")
                .build();
    }

    /**
     * Finds one route.
     *
     * @param clock measures the thread's share of the processor
     * @return the route
     * @throws IOException never
     */
    @Benchmark
    public @Nullable Route find(CpuShare.Clock clock) throws IOException {
        next = (next + 1) % REQUESTS;
        return table.find(requests[next], CookieJar.NO_COOKIES);
    }
}
