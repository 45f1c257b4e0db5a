package dev.evenkeel.lb.examples.playground;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.spi.HealthCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** One client of a side: an application with a pool of its own, which knows nothing of the other clients. */
final class Client implements AutoCloseable {
    /** The checks of a fleet of clients must not be more than the calls. */
    private static final Duration CHECKS_APART = Duration.ofMillis(100);

    private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);

    private final int fleet;
    private final List<Pair> pairs;
    private final ClientPauses pauses;
    private final LoadBalancer pool;
    private final OkHttpClient client;

    Client(int fleet, List<Pair> pairs, PoolSettings settings, ClientPauses pauses) {
        this.fleet = fleet;
        this.pairs = pairs;
        this.pauses = pauses;
        pool = describe(settings).build();
        client = LoadBalancing.builder()
                .pools(pool)
                .affinityKey(AffinityKey.header("X-User"))
                .clientAddress(ClientAddress.forwardedFor())
                .attach(new OkHttpClient.Builder()
                        .readTimeout(Duration.ofSeconds(1))
                        .callTimeout(Duration.ofSeconds(5))
                        .addNetworkInterceptor(chain -> {
                            Response response = chain.proceed(chain.request());
                            pauses.await();
                            return response;
                        })
                        .build());
    }

    private LoadBalancerBuilder describe(PoolSettings settings) {
        List<Backend> backends = pairs.stream()
                .map(pair -> Backend.builder(pair.server(fleet).uri())
                        .id(pair.name())
                        .weight(pair.weight())
                        .build())
                .toList();
        Duration interval = CHECKS_APART.multipliedBy(settings.clients());
        HealthCheck tcp = HealthChecks.tcp();
        HealthCheck check = (backend, timeout) -> {
            pauses.await();
            return tcp.check(backend, timeout);
        };
        return LoadBalancers.builder("work")
                .backends(backends)
                .strategy(Strategies.byName(settings.strategy()))
                .slowStart(
                        settings.slowStart() == 0
                                ? SlowStart.off()
                                : SlowStart.of(Duration.ofSeconds(settings.slowStart())))
                .healthCheck(HealthCheckPolicy.of(check)
                        .withInterval(interval.compareTo(MIN_INTERVAL) < 0 ? MIN_INTERVAL : interval));
    }

    /** Takes other settings, and the servers' weights, for the next pick; what is known of the backends stays. */
    void configure(PoolSettings settings) {
        describe(settings).applyTo(pool);
    }

    PoolSnapshot snapshot() {
        return pool.snapshot();
    }

    /** One call of a user; false if it fails. */
    boolean succeeds(int user) {
        pauses.await();
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

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        pool.close();
    }
}
