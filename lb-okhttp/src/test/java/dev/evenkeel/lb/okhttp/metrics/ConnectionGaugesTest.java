package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connections of a client to each backend, as gauges. */
class ConnectionGaugesTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nowNanos = new AtomicLong();

    @AfterEach
    void close() {
        registry.close();
    }

    private static LoadBalancer pool(TestBackend backend) {
        return LoadBalancers.builder("users")
                .backends(List.of(backend.backend()))
                .strategy(Strategies.roundRobin())
                .build();
    }

    private double gauge(String name) {
        nowNanos.addAndGet(1_000_000_000);
        return registry.get(name).tags("pool", "users", "backend", "up").gauge().value();
    }

    private static void end(OkHttpClient client) {
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
    }

    @ParameterizedTest
    @EnumSource
    void connection_isOpenWithACall_andIdleAfterIt(TestBackend.Wire wire) throws IOException {
        try (TestBackend up = TestBackend.start("up", wire);
                LoadBalancer users = pool(up)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), users);
            ConnectionGauges gauges =
                    ConnectionGauges.bind(registry, users, Tags.empty(), new ConnectionCounts(client, nowNanos::get));
            assertThat(gauge("evenkeel.connections.open")).isZero();

            Request request =
                    new Request.Builder().url(wire.scheme() + "://users/x").build();
            try (Response response = client.newCall(request).execute()) {
                assertThat(gauge("evenkeel.connections.open")).isEqualTo(1);
                assertThat(gauge("evenkeel.connections.idle")).isZero();
                assertThat(response.body().bytes()).isNotEmpty();
            }

            await().untilAsserted(
                            () -> assertThat(gauge("evenkeel.connections.idle")).isEqualTo(1));
            assertThat(LoadBalancing.connections(client)).containsExactly(new BackendConnections("users", "up", 1, 1));
            end(client);
            await().untilAsserted(
                            () -> assertThat(gauge("evenkeel.connections.open")).isZero());
            gauges.close();
            assertThat(registry.getMeters()).isEmpty();
        }
    }

    @Test
    void backend_thatComesAndGoes_hasGaugesMeanwhile() {
        try (TestBackend up = TestBackend.start("up");
                LoadBalancer users = pool(up)) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
            ClientMetrics metrics = new ClientMetrics(client);
            metrics.bindTo(registry);
            assertThat(registry.find("evenkeel.connections.open").gauges()).hasSize(1);
            users.registry().add(Backend.builder("http://10.0.0.1:1").id("more").build());
            assertThat(registry.find("evenkeel.connections.open").gauges()).hasSize(2);
            users.registry().remove("more");
            assertThat(registry.find("evenkeel.connections.open").gauges()).hasSize(1);
            metrics.close();
            assertThat(registry.find("evenkeel.connections.open").gauges()).isEmpty();
            end(client);
        }
    }

    @Test
    void closedPool_takesItsGaugesWithIt() {
        try (TestBackend up = TestBackend.start("up")) {
            LoadBalancer users = pool(up);
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
            new ClientMetrics(client).bindTo(registry);
            users.close();
            assertThat(registry.find("evenkeel.connections.open").gauges()).isEmpty();
            end(client);
        }
    }

    @Test
    void counts_areReadAtMostTenTimesASecond() {
        try (TestBackend up = TestBackend.start("up");
                LoadBalancer users = pool(up)) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
            ConnectionCounts counts = new ConnectionCounts(client, nowNanos::get);
            BackendConnections first = counts.of("users", "up");
            nowNanos.addAndGet(100_000_000);
            assertThat(counts.of("users", "up")).isSameAs(first);
            nowNanos.addAndGet(1);
            assertThat(counts.of("users", "up")).isNotSameAs(first).isEqualTo(first);
            assertThat(counts.of("users", "none")).isNull();
            end(client);
        }
    }
}
