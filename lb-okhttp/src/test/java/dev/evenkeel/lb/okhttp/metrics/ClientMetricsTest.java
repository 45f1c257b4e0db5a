package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real Prometheus registry shows of real calls. */
class ClientMetricsTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final TestBackend up = TestBackend.start("up");
    private final TestBackend other = TestBackend.start("other");
    private final LoadBalancer users = LoadBalancers.builder("users")
            .backends(List.of(up.backend(), other.backend()))
            .strategy(Strategies.roundRobin())
            .random(() -> 0)
            .build();
    private final OkHttpClient client = LoadBalancing.builder()
            .pools(users)
            .retries(RetryPolicy.builder().budget(RetryBudgets.tokens(10, 1)).build())
            .attach(new OkHttpClient());

    @AfterEach
    void close() {
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
        users.close();
        up.close();
        other.close();
        registry.close();
    }

    private static String call(Call.Factory calls) throws IOException {
        try (Response response = calls.newCall(
                        new Request.Builder().url("http://users/x").build())
                .execute()) {
            return response.body().string();
        }
    }

    private double value(String series) {
        return registry.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    private double attempts(String backend, String outcome) {
        return value("evenkeel_attempts_seconds_count{backend=\"" + backend + "\",outcome=\"" + outcome
                + "\",pool=\"users\"}");
    }

    @Test
    void callsAndRetries_areCounted_andWhatIsLeftOfTheBudgetIsShown() throws IOException {
        new ClientMetrics(client).bindTo(registry);
        double before = value("evenkeel_retry_budget{pool=\"users\",route=\"\"}");
        up.answer(up.named().code(503).build());

        for (int i = 0; i < 4; i++) {
            assertThat(call(client)).isEqualTo("other");
        }

        double failed = attempts("up", "gateway_error");
        assertThat(failed).isBetween(2.0, 4.0);
        assertThat(attempts("other", "success")).isEqualTo(4);
        assertThat(value("evenkeel_retries_total{pool=\"users\"}")).isEqualTo(failed);
        assertThat(value("evenkeel_hedges_total{pool=\"users\"}")).isZero();
        assertThat(before).isEqualTo(5);
        assertThat(value("evenkeel_retry_budget{pool=\"users\",route=\"\"}")).isBetween(0.0, 5.0);
    }

    @Test
    void hedges_areCountedApartFromRetries() throws IOException {
        new ClientMetrics(client).bindTo(registry);
        up.answer(up.named().headersDelay(60, TimeUnit.SECONDS).build());
        Call.Factory hedged = LoadBalancing.hedging(
                client, HedgePolicy.builder().delay(Duration.ofMillis(50)).build());

        assertThat(call(hedged)).isEqualTo("other");
        assertThat(call(hedged)).isEqualTo("other");

        await().untilAsserted(() -> assertThat(attempts("up", "cancelled")).isGreaterThanOrEqualTo(1));
        assertThat(value("evenkeel_hedges_total{pool=\"users\"}")).isBetween(1.0, 2.0);
        assertThat(value("evenkeel_retries_total{pool=\"users\"}")).isZero();
    }

    @Test
    void hedges_takeFromTheirBudget_andWhatIsLeftOfItIsShown() throws IOException {
        up.answer(up.named().headersDelay(60, TimeUnit.SECONDS).build());
        HedgingCallFactory hedged = LoadBalancing.hedging(
                client,
                HedgePolicy.builder()
                        .delay(Duration.ofMillis(50))
                        .budget(RetryBudgets.tokens(10, 1))
                        .build());
        ClientMetrics metrics = new ClientMetrics(hedged, List.of());
        metrics.bindTo(registry);
        String series = "evenkeel_hedge_budget{pool=\"users\",route=\"\"}";
        double before = value(series);

        assertThat(call(hedged)).isEqualTo("other");
        assertThat(call(hedged)).isEqualTo("other");

        assertThat(before).isEqualTo(5);
        assertThat(value("evenkeel_hedges_total{pool=\"users\"}")).isPositive();
        assertThat(value(series)).isBetween(0.0, 5.0);
        assertThat(hedged.budgets()).containsExactly(new RetryBudgetStatus("users", "", (int) value(series)));
        assertThat(value("evenkeel_retry_budget{pool=\"users\",route=\"\"}")).isEqualTo(5);
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void hedgeBudget_thatAllowsNothing_isShownAsNothing() {
        HedgingCallFactory hedged = LoadBalancing.hedging(
                client,
                HedgePolicy.builder()
                        .delay(Duration.ofMillis(50))
                        .budget(RetryBudgets.percentOfCalls(2, 0))
                        .build());
        new ClientMetrics(hedged, List.of()).bindTo(registry);

        assertThat(value("evenkeel_hedge_budget{pool=\"users\",route=\"\"}")).isZero();
    }

    @Test
    void clientWithoutHedging_hasNoHedgeBudget() {
        new ClientMetrics(client).bindTo(registry);

        assertThat(registry.scrape()).doesNotContain("evenkeel_hedge_budget");
    }

    @Test
    void close_removesEveryMeter() throws IOException {
        ClientMetrics metrics = new ClientMetrics(client, List.of());
        metrics.bindTo(registry);
        metrics.bindTo(registry);
        call(client);
        metrics.close();

        assertThat(registry.getMeters()).isEmpty();
        assertThat(call(client)).isNotEmpty();
    }

    @Test
    void reload_isFollowed_byBindingAgain() throws IOException {
        String one = """
                { "pools": [ { "name": "users", "backends": [ "%s" ] } ] }
                """.formatted(up.uri());
        String two = """
                { "pools": [ { "name": "users", "backends": [ "%s" ] }, { "name": "more", "backends": [ "%s" ] } ] }
                """.formatted(up.uri(), other.uri());
        String id = Backend.of(up.uri().toString()).id();
        AtomicReference<Runnable> rebind = new AtomicReference<>(() -> {});
        try (LiveConfig config = LiveConfig.builder(one)
                        .onReload(event -> rebind.get().run())
                        .start();
                ClientMetrics metrics = new ClientMetrics(config.attach(new OkHttpClient()))) {
            metrics.bindTo(registry);
            rebind.set(() -> metrics.bindTo(registry));
            OkHttpClient calls = config.attach(new OkHttpClient());
            assertThat(call(calls)).isEqualTo("up");

            config.reload(two);
            Calls.body(calls, "http://more/x");
            assertThat(call(calls)).isEqualTo("up");

            assertThat(attempts(id, "success")).isEqualTo(2);
            assertThat(registry.scrape())
                    .contains("evenkeel_retry_budget{pool=\"more\"")
                    .containsPattern("evenkeel_attempts_seconds_count\\{[^}]*pool=\"more\"\\} 1\\n");

            config.reload(one);

            assertThat(registry.scrape()).doesNotContain("more");
            assertThat(attempts(id, "success")).isEqualTo(2);
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void clientWithoutPools_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientMetrics(new OkHttpClient()))
                .withMessageContaining("the client must have a pool attached");
        assertThat(LoadBalancing.pools(new OkHttpClient())).isEmpty();
        assertThat(LoadBalancing.budgets(new OkHttpClient())).isEmpty();
        assertThat(LoadBalancing.pools(client)).containsExactly(users);
    }
}
