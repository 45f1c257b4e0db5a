package dev.evenkeel.lb.examples.playground;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** A client with a pool attached, and the fleet that it calls. */
final class Side implements AutoCloseable {
    private static final int MAX_AT_ONCE = 1_000;
    private static final int SHARE_TICKS = 4;

    /** One server on one side. Requests are what reached it in the last ticks. */
    record ServerFigures(String name, double share, int inFlight, boolean eligible, String state) {}

    /** One side at one tick. */
    record Figures(
            String strategy,
            int calls,
            int failed,
            @Nullable Double p50,
            @Nullable Double p99,
            long attempts,
            List<ServerFigures> servers) {}

    private final int fleet;
    private final List<Pair> pairs;
    private final LoadBalancer pool;
    private final OkHttpClient client;
    private final Latencies latencies = new Latencies();
    private final Semaphore room = new Semaphore(MAX_AT_ONCE);
    private final List<long[]> counts = new ArrayList<>();

    Side(int fleet, List<Pair> pairs, String strategy) {
        this.fleet = fleet;
        this.pairs = pairs;
        pool = describe(strategy).build();
        client = LoadBalancing.builder()
                .pools(pool)
                .affinityKey(AffinityKey.header("X-User"))
                .clientAddress(ClientAddress.forwardedFor())
                .attach(new OkHttpClient.Builder()
                        .readTimeout(Duration.ofSeconds(1))
                        .callTimeout(Duration.ofSeconds(5))
                        .build());
    }

    private LoadBalancerBuilder describe(String strategy) {
        List<Backend> backends = pairs.stream()
                .map(pair -> Backend.builder(pair.server(fleet).uri())
                        .id(pair.name())
                        .build())
                .toList();
        return LoadBalancers.builder("work")
                .backends(backends)
                .strategy(Strategies.byName(strategy))
                .healthCheck(HealthCheckPolicy.of(HealthChecks.tcp()).withInterval(Duration.ofSeconds(1)));
    }

    /** Takes another strategy for the next pick; what is known of the backends stays. */
    void strategy(String name) {
        describe(name).applyTo(pool);
    }

    String strategy() {
        return pool.snapshot().strategy();
    }

    /** One call; its latency counts from when it was due. */
    void call(int user, long dueNanos) {
        boolean fits = room.tryAcquire();
        boolean succeeds = false;
        try {
            succeeds = fits && succeeds(user);
        } finally {
            if (fits) {
                room.release();
            }
            latencies.add(System.nanoTime() - dueNanos, !succeeds);
        }
    }

    private boolean succeeds(int user) {
        Request request = new Request.Builder()
                .url("http://work/")
                .header("X-User", "user-" + user)
                .header("X-Forwarded-For", "10.0." + user / 250 + "." + (1 + user % 250))
                .build();
        try (Response response = client.newCall(request).execute()) {
            response.body().bytes();
            return response.isSuccessful();
        } catch (IOException e) {
            return false; // It is counted, and the charts show it.
        }
    }

    /** What happened since the last tick. For one thread. */
    Figures tick() {
        Latencies.Summary summary = latencies.tick();
        PoolSnapshot snapshot = pool.snapshot();
        long[] now =
                pairs.stream().mapToLong(pair -> pair.server(fleet).requests()).toArray();
        counts.add(now);
        if (counts.size() > SHARE_TICKS) {
            counts.remove(0);
        }
        long[] before = counts.get(0);
        long all = 0;
        for (int i = 0; i < now.length; i++) {
            all += now[i] - before[i];
        }
        List<ServerFigures> servers = new ArrayList<>();
        for (int i = 0; i < now.length; i++) {
            BackendStatus status = snapshot.backend(pairs.get(i).name());
            double share = all == 0 ? 0 : (now[i] - before[i]) / (double) all;
            servers.add(new ServerFigures(
                    pairs.get(i).name(),
                    Math.round(share * 1e4) / 1e4,
                    status.inFlight(),
                    status.isEligible(),
                    status.isEligible() ? "in use" : status.explanation()));
        }
        return new Figures(
                snapshot.strategy(), summary.ended(), summary.failed(), summary.p50(), summary.p99(), all, servers);
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        pool.close();
    }
}
