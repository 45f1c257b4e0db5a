package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/** Makes the same calls through plain OkHttp to one server and through attached clients to two and three. */
final class ParityTable {
    /** The first is plain. */
    private static final List<Integer> SERVERS = List.of(1, 2, 3);

    /** How many clients whose calls are rare run beside each other. */
    private static final int IDLING = 6;

    private final Path nginx;
    private final ParityPlan plan;
    private final RetryPolicy retries;

    /**
     * Makes a table.
     *
     * @param retries of the attached clients
     */
    ParityTable(Path nginx, ParityPlan plan, RetryPolicy retries) {
        this.nginx = nginx;
        this.plan = plan;
        this.retries = retries;
    }

    /** One client's calls of one method. */
    private record Run(ParityCell cell, String method, int servers, List<String> failures, int connections) {

        boolean is(ParityCell ofCell, String ofMethod) {
            return cell.equals(ofCell) && method.equals(ofMethod);
        }

        /** What the ids of its requests begin with. */
        static String prefix(ParityCell cell, String method, int servers) {
            return cell.protocol() + "-" + method + "-" + servers + "-";
        }

        ParityCount count(ParityPlan plan, Map<String, Long> posts) {
            String prefix = prefix(cell, method, servers);
            long twice = posts.entrySet().stream()
                    .filter(post -> post.getKey().startsWith(prefix) && post.getValue() > 1)
                    .count();
            return new ParityCount(cell.condition().load(plan).calls(), failures, (int) twice, connections);
        }
    }

    /** Runs the cells of a condition, against servers of its own. */
    List<ParityRow> run(ParityCondition condition) throws IOException {
        List<ParityCell> cells = ParityCell.of(condition);
        List<Run> runs;
        Map<String, Long> posts;
        try (ParityFleet fleet = new ParityFleet(nginx, condition)) {
            runs = runs(fleet, cells, condition.isIdling());
            posts = fleet.quit();
        }
        return cells.stream()
                .map(cell -> new ParityRow(cell, counts(runs, cell, "GET", posts), counts(runs, cell, "POST", posts)))
                .toList();
    }

    private List<ParityCount> counts(List<Run> runs, ParityCell cell, String method, Map<String, Long> posts) {
        return runs.stream()
                .filter(run -> run.is(cell, method))
                .map(run -> run.count(plan, posts))
                .toList();
    }

    private List<Run> runs(ParityFleet fleet, List<ParityCell> cells, boolean atOnce) {
        List<Supplier<Run>> tasks = new ArrayList<>();
        for (ParityCell cell : cells) {
            for (String method : List.of("GET", "POST")) {
                for (int servers : SERVERS) {
                    tasks.add(() -> run(fleet, cell, method, servers));
                }
            }
        }
        ExecutorService executor = Executors.newFixedThreadPool(atOnce ? IDLING : 1);
        try {
            List<CompletableFuture<Run>> runs = tasks.stream()
                    .map(task -> CompletableFuture.supplyAsync(task, executor))
                    .toList();
            return runs.stream().map(CompletableFuture::join).toList();
        } finally {
            executor.shutdown();
        }
    }

    private Run run(ParityFleet fleet, ParityCell cell, String method, int servers) {
        AtomicInteger connections = new AtomicInteger();
        OkHttpClient plain = client(fleet, cell.protocol(), connections);
        List<String> uris = fleet.uris(cell.protocol(), servers);
        List<String> failures;
        if (servers == 1) {
            failures = run(fleet, cell, method, servers, plain, uris.get(0));
        } else {
            try (LoadBalancer pool = LoadBalancers.builder(ParityFleet.POOL)
                    .backends(uris.toArray(String[]::new))
                    .build()) {
                failures = run(
                        fleet,
                        cell,
                        method,
                        servers,
                        LoadBalancing.builder().pools(pool).retries(retries).attach(plain),
                        cell.protocol().scheme() + "://" + ParityFleet.POOL);
            }
        }
        fleet.mend();
        return new Run(cell, method, servers, failures, connections.get());
    }

    private List<String> run(
            ParityFleet fleet, ParityCell cell, String method, int servers, OkHttpClient client, String base) {
        String prefix = Run.prefix(cell, method, servers);
        List<String> failures = cell.condition()
                .load(plan)
                .run(
                        client,
                        servers, // so that clients that run beside each other do not all call at once
                        number -> request(method, base, prefix + number),
                        cell.condition().interruptions(fleet.nginx(servers)));
        client.connectionPool().evictAll();
        return failures;
    }

    /** A client of its own, with room for a connection of each thread of the load. */
    private static OkHttpClient client(ParityFleet fleet, ParityProtocol protocol, AtomicInteger connections) {
        return new OkHttpClient.Builder()
                .protocols(protocol.protocols())
                .sslSocketFactory(
                        fleet.trust().sslSocketFactory(), fleet.trust().trustManager())
                .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
                .eventListener(new EventListener() {
                    @Override
                    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
                        connections.incrementAndGet();
                    }
                })
                .build();
    }

    private static Request request(String method, String base, String id) {
        return new Request.Builder()
                .url(base + "/?id=" + id)
                .method(method, method.equals("POST") ? RequestBody.create(id, null) : null)
                .build();
    }
}
