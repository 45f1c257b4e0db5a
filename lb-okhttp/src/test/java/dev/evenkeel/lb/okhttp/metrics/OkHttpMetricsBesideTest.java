package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.okhttp3.OkHttpMetricsEventListener;
import io.micrometer.core.instrument.binder.okhttp3.OkHttpObservationInterceptor;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** Which of Micrometer's own meters for OkHttp show a call that is retried. */
class OkHttpMetricsBesideTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private void retriedCall(OkHttpClient.Builder okhttp) throws IOException {
        try (TestBackend bad = TestBackend.start("bad");
                TestBackend good = TestBackend.start("good");
                LoadBalancer users = LoadBalancers.builder("users")
                        .backends(List.of(bad.backend(), good.backend()))
                        .strategy(Strategies.roundRobin())
                        .random(() -> 0)
                        .build()) {
            bad.answer(bad.named().code(503).build());
            OkHttpClient client = LoadBalancing.attach(okhttp.build(), users);
            new ClientMetrics(client).bindTo(registry);
            for (int i = 0; i < 2; i++) {
                try (Response response = client.newCall(
                                new Request.Builder().url("http://users/x").build())
                        .execute()) {
                    assertThat(response.code()).isEqualTo(200);
                }
            }
            assertThat(registry.get("evenkeel.retries").counter().count()).isPositive();
            assertThat(registry.get("evenkeel.calls")
                            .tag("outcome", "success")
                            .timer()
                            .count())
                    .isEqualTo(2);
            client.dispatcher().executorService().shutdownNow();
            client.connectionPool().evictAll();
        }
    }

    private long count(Collection<Timer> timers, String status) {
        return timers.stream()
                .filter(timer -> status.equals(timer.getId().getTag("status")))
                .mapToLong(Timer::count)
                .sum();
    }

    @Test
    void observationInterceptor_showsTheCall() throws IOException {
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(registry));
        retriedCall(new OkHttpClient.Builder()
                .addInterceptor(OkHttpObservationInterceptor.builder(observations, "okhttp")
                        .build()));

        Collection<Timer> timers = registry.get("okhttp").timers();
        assertThat(count(timers, "200")).isEqualTo(2);
        assertThat(count(timers, "503")).isZero();
    }

    @Test
    void eventListener_showsTheFirstAttemptOnly() throws IOException {
        retriedCall(new OkHttpClient.Builder()
                .eventListener(
                        OkHttpMetricsEventListener.builder(registry, "okhttp").build()));

        Collection<Timer> timers = registry.get("okhttp").timers();
        assertThat(count(timers, "503")).as("attempts, as if they were calls").isPositive();
        assertThat(count(timers, "503") + count(timers, "200")).isEqualTo(2);
    }
}
