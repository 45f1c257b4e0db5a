package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawServer;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.trace.DecisionTrace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A backend whose breaker is still open has been restarted, and every eligible one is gone: calls that lost their backend go
 * there, and calls that were answered do not.
 */
class PassiveHealthOfOneCallTest {
    private final TestBackend restarted = TestBackend.start("restarted");
    private LoadBalancer pool;
    private OkHttpClient client;

    @AfterEach
    void close() {
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
        pool.close();
        restarted.close();
    }

    private void attach(Backend eligible) {
        attach(eligible, RetryPolicy.standard());
    }

    private void attach(Backend eligible, RetryPolicy retries) {
        pool = LoadBalancers.builder("users")
                .backends(List.of(eligible, restarted.backend()))
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.builder()
                        .openDuration(Duration.ofMinutes(1))
                        .build())
                .outlierDetection(OutlierDetectors.none())
                .build();
        RequestContext only =
                RequestContext.NONE.withPermitted(backend -> backend.id().equals(restarted.name));
        for (int i = 0; i < 10; i++) {
            ((Lease) pool.acquire(only)).complete(Outcome.NEVER_SENT);
        }
        assertThat(pool.snapshot().backend(restarted.name).breaker()).isEqualTo(BreakerState.OPEN);
        client = LoadBalancing.builder().pools(pool).retries(retries).attach(new OkHttpClient());
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://users/x");
    }

    private static Request request(String kind) {
        return switch (kind) {
            case "GET" -> request().build();
            case "POST" -> request().post(RequestBody.create("body", null)).build();
            default -> request().post(oneShot()).build();
        };
    }

    private static RequestBody oneShot() {
        return new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public boolean isOneShot() {
                return true;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("once");
            }
        };
    }

    private String call(Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "POST of a one-shot body"})
    void callThatWasNeverSent_goesThere_whateverTheMethodAndTheBody(String kind) throws IOException {
        try (RefusingPort gone = RefusingPort.open("gone")) {
            attach(gone.backend());

            assertThat(call(request(kind))).isEqualTo("200 restarted");
            assertThat(restarted.requests()).hasSize(1);
        }
    }

    @Test
    void idempotentCallWhoseConnectionBroke_goesThere_andAnyOtherDoesNot() throws IOException {
        try (RawServer dying = RawServer.start((head, out) -> {
            throw new RawServer.Reset();
        })) {
            attach(Backend.of(dying.uri()));

            assertThat(call(request("GET"))).isEqualTo("200 restarted");
            assertThatThrownBy(() -> call(request("POST"))).isInstanceOf(IOException.class);
            assertThat(restarted.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 429})
    void callThatWasAnswered_leavesIt_sinceAnOverloadLooksTheSame(int status) throws IOException {
        try (RawServer alive = RawServer.start((head, out) -> RawServer.write(out, status, "busy"))) {
            attach(Backend.of(alive.uri()));

            assertThat(call(request("GET"))).isEqualTo(status + " busy");
            assertThat(restarted.requests()).isEmpty();
        }
    }

    @Test
    void callThatTimedOut_leavesIt() throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        try (RawServer slow = RawServer.start((head, out) -> await(done))) {
            attach(
                    Backend.of(slow.uri()),
                    RetryPolicy.builder().attemptTimeout(Duration.ofMillis(100)).build());

            assertThatThrownBy(() -> call(request("GET"))).isInstanceOf(IOException.class);
            assertThat(restarted.requests()).isEmpty();
            done.countDown();
        }
    }

    @Test
    void hedge_leavesIt() throws IOException {
        DecisionTrace why = new DecisionTrace();
        try (RawServer slow = RawServer.start((head, out) -> {
            Awaitility.await().until(() -> why.decisions().size() == 2);
            RawServer.write(out, 200, "slow");
        })) {
            attach(Backend.of(slow.uri()));
            Call.Factory hedging = LoadBalancing.hedging(
                    client, HedgePolicy.builder().delay(Duration.ofMillis(1)).build());
            Request request = request().tag(DecisionTrace.class, why).build();

            try (Response response = hedging.newCall(request).execute()) {
                assertThat(response.body().string()).isEqualTo("slow");
            }
            assertThat(restarted.requests()).isEmpty();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
