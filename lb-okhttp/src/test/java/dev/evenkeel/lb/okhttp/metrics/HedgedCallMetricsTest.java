package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The two requests of a hedged call are one call to the pool's observers. */
class HedgedCallMetricsTest {
    private final TestBackend up = TestBackend.start("up");
    private final TestBackend other = TestBackend.start("other");
    private final LoadBalancer users = LoadBalancers.builder("users")
            .backends(List.of(up.backend(), other.backend()))
            .strategy(Strategies.roundRobin())
            .random(() -> 0)
            .build();
    private final OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
    private final Call.Factory hedged = LoadBalancing.hedging(
            client, HedgePolicy.builder().delay(Duration.ofMillis(50)).build());
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final List<AttemptObserver.AttemptKind> attempts = new CopyOnWriteArrayList<>();

    @BeforeEach
    void observe() {
        users.addObserver(new AttemptObserver() {
            @Override
            public void attemptStarted(Backend backend, AttemptKind kind) {
                attempts.add(kind);
            }

            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {}

            @Override
            public void callEnded(CallOutcome outcome, long durationNanos) {
                calls.add(outcome.text());
            }
        });
    }

    @AfterEach
    void close() {
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
        users.close();
        up.close();
        other.close();
    }

    private static void send(Call.Factory factory) throws IOException {
        try (Response response = factory.newCall(
                        new Request.Builder().url("http://users/x").build())
                .execute()) {
            assertThat(response.body().bytes()).isNotNull();
        }
    }

    @Test
    void secondRequest_thatWins_isOneCall_andTheFirstIsNotACancelledOne() throws IOException {
        up.answer(up.named().headersDelay(60, TimeUnit.SECONDS).build());
        send(hedged);
        send(hedged);

        await().until(() -> attempts.contains(AttemptObserver.AttemptKind.HEDGE));
        assertThat(calls).containsExactly("success", "success");
        await().untilAsserted(
                        () -> assertThat(users.snapshot().backends()).allMatch(backend -> backend.inFlight() == 0));
        assertThat(calls).as("the cancelled requests have ended").containsExactly("success", "success");
    }

    @Test
    void quickFirstRequest_isOneCall() throws IOException {
        send(hedged);
        assertThat(calls).containsExactly("success");
    }

    @Test
    void noBackend_isOneRefusedCall() {
        users.snapshot()
                .backends()
                .forEach(status -> users.registry().maintenance(status.backend().id()));
        assertThatThrownBy(() -> send(hedged)).isInstanceOf(NoBackendAvailableException.class);
        assertThat(calls).containsExactly("no backend");
    }

    @Test
    void answerAboveThePool_isNoCall() throws IOException {
        OkHttpClient.Builder builder = client.newBuilder();
        builder.interceptors()
                .add(
                        0,
                        chain -> new Response.Builder()
                                .request(chain.request())
                                .protocol(okhttp3.Protocol.HTTP_1_1)
                                .code(200)
                                .message("OK")
                                .build());
        send(LoadBalancing.hedging(
                builder.build(),
                HedgePolicy.builder().delay(Duration.ofMillis(50)).build()));
        assertThat(calls).isEmpty();
    }

    @Test
    void errorOfTheApplication_isOneFailedCall() {
        OkHttpClient broken = client.newBuilder()
                .addNetworkInterceptor(chain -> {
                    throw new IllegalStateException("a bug");
                })
                .build();
        assertThatThrownBy(() -> send(LoadBalancing.hedging(
                        broken,
                        HedgePolicy.builder().delay(Duration.ofSeconds(5)).build())))
                .isInstanceOf(IllegalStateException.class);
        assertThat(calls).containsExactly("failed");
    }
}
