package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFullException;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each call is counted once, by how it ended for its caller. */
class CallMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TestBackend up = TestBackend.start("up");
    private final TestBackend other = TestBackend.start("other");
    private final LoadBalancer users = LoadBalancers.builder("users")
            .backends(List.of(up.backend(), other.backend()))
            .strategy(Strategies.roundRobin())
            .random(() -> 0)
            .limits(LimitPolicy.maxInFlight(2))
            .build();
    private final OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);

    @BeforeEach
    void bind() {
        new ClientMetrics(client).bindTo(registry);
    }

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

    private static Request get() {
        return new Request.Builder().url("http://users/x").build();
    }

    private static void send(Call.Factory calls, Request request) throws IOException {
        try (Response response = calls.newCall(request).execute()) {
            assertThat(response.body().bytes()).isNotNull();
        }
    }

    private void bothAnswer(int status) {
        up.answer(up.named().code(status).build());
        other.answer(other.named().code(status).build());
    }

    private void bothHang() {
        up.answer(up.named().headersDelay(60, TimeUnit.SECONDS).build());
        other.answer(other.named().headersDelay(60, TimeUnit.SECONDS).build());
    }

    private Timer timer(CallOutcome outcome) {
        return registry.get("evenkeel.calls")
                .tags("pool", "users", "outcome", outcome.text())
                .timer();
    }

    private Map<CallOutcome, Long> counted() {
        Map<CallOutcome, Long> counts = new EnumMap<>(CallOutcome.class);
        for (CallOutcome outcome : CallOutcome.values()) {
            if (timer(outcome).count() > 0) {
                counts.put(outcome, timer(outcome).count());
            }
        }
        return counts;
    }

    private double refused() {
        return registry.get("evenkeel.calls.refused")
                .tags("pool", "users")
                .counter()
                .count();
    }

    @Test
    void response_ofTheBackend_isSuccess_theCallersFault_orFailed() throws IOException {
        send(client, get());
        bothAnswer(404);
        send(client, get());
        bothAnswer(500);
        send(client, get());
        bothAnswer(429);
        send(
                client,
                new Request.Builder()
                        .url("http://users/x")
                        .post(RequestBody.create(new byte[0]))
                        .build());

        assertThat(counted())
                .isEqualTo(Map.of(CallOutcome.SUCCESS, 1L, CallOutcome.CLIENT_ERROR, 1L, CallOutcome.FAILED, 2L));
        assertThat(refused()).isZero();
    }

    @Test
    void attempts_ofOneCall_areOneCall() throws IOException {
        up.answer(up.named().code(503).build());
        send(client, get());
        send(client, get());

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.SUCCESS, 2L));
        assertThat(registry.get("evenkeel.retries").counter().count()).isPositive();
    }

    @Test
    void noBackend_isCountedAsSuch_andAsRefused() {
        users.snapshot()
                .backends()
                .forEach(status -> users.registry().maintenance(status.backend().id()));
        assertThatThrownBy(() -> send(client, get())).isExactlyInstanceOf(NoBackendAvailableException.class);

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.NO_BACKEND, 1L));
        assertThat(refused()).isEqualTo(1);
    }

    @Test
    void fullPool_isCountedAsSuch_andAsRefused() {
        Lease lease = (Lease) users.acquire(RequestContext.NONE);
        Lease second = (Lease) users.acquire(RequestContext.NONE);
        assertThatThrownBy(() -> send(client, get())).isInstanceOf(PoolFullException.class);
        lease.complete(Outcome.SUCCESS);
        second.complete(Outcome.SUCCESS);

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.POOL_FULL, 1L));
        assertThat(refused()).isEqualTo(1);
    }

    @Test
    void refusedConnections_areAFailedCall_andNoRefusal() {
        up.close();
        other.close();
        assertThatThrownBy(() -> send(client, get())).isInstanceOf(IOException.class);

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.FAILED, 1L));
        assertThat(refused()).isZero();
    }

    @Test
    void cancel_byTheCaller_isCancelled() {
        bothHang();
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        Call call = client.newCall(get());
        call.enqueue(new Callback() {
            @Override
            public void onFailure(Call failed, IOException e) {
                failure.complete(e);
            }

            @Override
            public void onResponse(Call answered, Response response) {
                response.close();
            }
        });
        await().until(() -> !up.requests().isEmpty() || !other.requests().isEmpty());
        call.cancel();

        assertThat(failure.join()).isNotNull();
        assertThat(counted()).isEqualTo(Map.of(CallOutcome.CANCELLED, 1L));
    }

    @Test
    void call_cancelledBeforeItsFirstAttempt_isCancelled() {
        OkHttpClient cancelling = withFirst(client, chain -> {
            chain.call().cancel();
            return chain.proceed(chain.request());
        });
        Call cancelled = cancelling.newCall(get());
        assertThatThrownBy(cancelled::execute).isInstanceOf(IOException.class);

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.CANCELLED, 1L));
    }

    private static OkHttpClient withFirst(OkHttpClient client, Interceptor first) {
        OkHttpClient.Builder builder = client.newBuilder();
        builder.interceptors().add(0, first);
        return builder.build();
    }

    @Test
    void callTimeout_isFailed_andNotCancelled() {
        bothHang();
        Call call = client.newCall(get());
        call.timeout().timeout(200, TimeUnit.MILLISECONDS);
        assertThatThrownBy(call::execute).isInstanceOf(InterruptedIOException.class);

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.FAILED, 1L));
    }

    @Test
    void interrupt_isCancelled() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> send(client, get())).isInstanceOf(IOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(counted()).isEqualTo(Map.of(CallOutcome.CANCELLED, 1L));
    }

    @Test
    void openBody_isNotPartOfTheCall() throws IOException {
        try (Response response = client.newCall(get()).execute()) {
            assertThat(counted()).isEqualTo(Map.of(CallOutcome.SUCCESS, 1L));
            assertThat(response.body().bytes()).isNotEmpty();
        }
        assertThat(timer(CallOutcome.SUCCESS).count()).isEqualTo(1);
        assertThat(timer(CallOutcome.SUCCESS).totalTime(TimeUnit.NANOSECONDS)).isPositive();
    }

    @Test
    void interceptorAbove_thatSendsAgain_makesTwoCalls() throws IOException {
        OkHttpClient twice = withFirst(client, chain -> {
            chain.proceed(chain.request()).close();
            return chain.proceed(chain.request());
        });
        send(twice, get());

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.SUCCESS, 2L));
    }

    @Test
    void application_thatThrowsBelow_isFailed() {
        OkHttpClient broken = client.newBuilder()
                .addNetworkInterceptor(chain -> {
                    throw new IllegalStateException("a bug");
                })
                .build();
        assertThatThrownBy(() -> send(broken, get())).isInstanceOf(IllegalStateException.class);

        assertThat(counted()).isEqualTo(Map.of(CallOutcome.FAILED, 1L));
    }
}
