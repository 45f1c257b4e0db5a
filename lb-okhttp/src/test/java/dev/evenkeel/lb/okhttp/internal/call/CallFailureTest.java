package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.PoolFullException;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool that has nobody to send a call to says so at once, in the exception that the caller gets in any case. */
@Timeout(30)
class CallFailureTest {
    private final TestBackend a = TestBackend.start("a");
    private final TestBackend b = TestBackend.start("b");

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    @Test
    void closedPool() {
        try (LoadBalancer pool = builder().build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            pool.close();

            assertRefused(client, "pool \"users\" has no backend available: 2 backends; the pool is closed");
        }
    }

    @Test
    void closedPool_letsCallsFinish() throws Exception {
        try (LoadBalancer pool = builder().build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                pool.close();
                assertThat(response.body().string()).isEqualTo("a");
            }
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void emptyPool() {
        try (LoadBalancer pool = LoadBalancers.builder("users").build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertRefused(client, "pool \"users\" has no backend available: it has no backends");
        }
    }

    @Test
    void emptyPool_thatIsFilled_isUsedAtOnce() throws Exception {
        try (LoadBalancer pool = LoadBalancers.builder("users").build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOf(NoBackendAvailableException.class);
            pool.registry().add(a.backend());

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
        }
    }

    @Test
    void everyBackendDown() {
        try (LoadBalancer pool = builder()
                .healthCheck(
                        (backend, timeout) -> CompletableFuture.completedFuture(HealthResult.unhealthy("out of order")))
                .build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            await().until(() ->
                    pool.snapshot().backends().stream().allMatch(status -> status.health() == HealthState.DOWN));

            assertRefused(client, "pool \"users\" has no backend available: 2 backends (2 down)");
        }
    }

    @Test
    void everyBackendTakenOut_eachForAReasonOfItsOwn() {
        try (LoadBalancer pool = builder().build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            pool.registry().maintenance("a");
            pool.registry().drain("b");

            assertRefused(client, "pool \"users\" has no backend available: 2 backends (1 draining, 1 in maintenance)");

            NoBackendAvailableException failure =
                    catchThrowableOfType(NoBackendAvailableException.class, () -> Calls.body(client, "http://users/x"));
            assertThat(failure.unavailable().reasons())
                    .containsEntry(Ineligibility.MAINTENANCE, 1)
                    .containsEntry(Ineligibility.DRAINING, 1);
            assertThat(LoadBalancing.trace(failure).orElseThrow().attempts()).isEmpty();
        }
    }

    @Test
    void everyBackendFull() throws Exception {
        Backend small = Backend.builder(a.uri()).id("a").maxInFlight(1).build();
        try (LoadBalancer pool = LoadBalancers.builder("users").backend(small).build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            a.answer(a.named().body("x".repeat(1_000_000)).build());

            try (Response open = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(open.code()).isEqualTo(200);
                assertRefused(
                        client,
                        PoolFullException.class,
                        "pool \"users\" has no backend available: 1 backend (1 full); 1 of 1 calls in flight");
            }
            assertThat(Calls.body(client, "http://users/x")).hasSize(1_000_000);
        }
    }

    @Test
    void everyBackendTried() throws Exception {
        try (RefusingPort one = RefusingPort.open("one");
                RefusingPort two = RefusingPort.open("two");
                LoadBalancer pool = LoadBalancers.builder("users")
                        .backend(one.backend())
                        .backend(two.backend())
                        .strategy(Strategies.roundRobin())
                        .random(() -> 0)
                        .build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            IOException failure = catchThrowableOfType(IOException.class, () -> Calls.body(client, "http://users/x"));
            assertThat(failure)
                    .isInstanceOf(ConnectException.class)
                    .hasMessage("pool \"users\" failed after 2 attempts: one (" + one.uri()
                            + "): Connection refused (never sent); two (" + two.uri()
                            + "): Connection refused (never sent)");
            assertThat(LoadBalancing.trace(failure).orElseThrow().attempts()).hasSize(2);
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void strategyThatPicksNothing() {
        try (LoadBalancer pool =
                builder().strategy(named("mine", context -> request -> null)).build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertRefused(
                    client,
                    "pool \"users\" has no backend available: 2 backends; strategy \"mine\" picked nothing although the"
                            + " request accepts 2 of 2 backends");
        }
    }

    @Test
    void strategyWhosePickerThrows() {
        try (LoadBalancer pool = builder()
                .strategy(named("mine", context -> request -> {
                    throw new IllegalStateException("no idea");
                }))
                .build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertRefused(
                    client,
                    "pool \"users\" has no backend available: 2 backends; strategy \"mine\" threw"
                            + " java.lang.IllegalStateException: no idea");
        }
    }

    @Test
    void strategyThatPicksNothing_forASecondAttempt_leavesTheResponseAsItIs() throws Exception {
        try (LoadBalancer pool = builder()
                .strategy(named(
                        "mine",
                        context -> request ->
                                request.tried().isEmpty() ? context.candidates().get(0) : null))
                .build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            a.answer(a.named().code(503).body("sorry").build());

            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.code()).isEqualTo(503);
                assertThat(response.body().string()).isEqualTo("sorry");
            }
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    private LoadBalancerBuilder builder() {
        return LoadBalancers.builder("users")
                .backend(a.backend())
                .backend(b.backend())
                .strategy(Strategies.roundRobin())
                .random(() -> 0);
    }

    private static LoadBalancingStrategy named(String name, LoadBalancingStrategy strategy) {
        return new LoadBalancingStrategy() {
            @Override
            public Picker newPicker(PickerContext context) {
                return strategy.newPicker(context);
            }

            @Override
            public String name() {
                return name;
            }
        };
    }

    /** The same error for a synchronous call, an asynchronous one and a WebSocket, and nothing sent. */
    private void assertRefused(OkHttpClient client, String message) {
        assertRefused(client, NoBackendAvailableException.class, message);
    }

    private void assertRefused(OkHttpClient client, Class<? extends NoBackendAvailableException> kind, String message) {
        int sent = a.requests().size() + b.requests().size();
        assertThat(catchThrowable(() -> Calls.body(client, "http://users/x")))
                .isExactlyInstanceOf(kind)
                .hasMessage(message);
        assertThatThrownBy(() -> Calls.enqueue(client.newCall(Calls.get("http://users/x")))
                        .get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isExactlyInstanceOf(kind)
                .hasMessage(message);
        assertThatThrownBy(() -> webSocket(client).get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isExactlyInstanceOf(kind)
                .hasMessage(message);
        assertThat(a.requests().size() + b.requests().size()).isEqualTo(sent);
    }

    private static CompletableFuture<Void> webSocket(OkHttpClient client) {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        client.newWebSocket(Calls.get("http://users/x"), new WebSocketListener() {
            @Override
            public void onOpen(WebSocket webSocket, Response response) {
                opened.complete(null);
            }

            @Override
            public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
                opened.completeExceptionally(failure);
            }
        });
        return opened;
    }
}
