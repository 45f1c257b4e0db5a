package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPredicate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What nginx's and Traefik's own tests expect of retries; each is named by its vector's id and source. */
class RetryVectorsTest {
    private final List<TestBackend> backends = new ArrayList<>();

    @AfterEach
    void stop() {
        backends.forEach(TestBackend::close);
    }

    private TestBackend backend(String name) {
        TestBackend backend = TestBackend.start(name, Wire.H1);
        backends.add(backend);
        return backend;
    }

    private LoadBalancer pool() {
        return LoadBalancers.builder("users")
                .backends(backends.stream().map(TestBackend::backend).toList())
                .build();
    }

    private static OkHttpClient client(LoadBalancer pool, RetryPolicy retries) {
        return LoadBalancing.builder()
                .pools(pool)
                .retries(retries)
                .attach(TestBackend.client(Wire.H1).build());
    }

    private int requests() {
        return backends.stream().mapToInt(backend -> backend.requests().size()).sum();
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://users/x");
    }

    private static MockResponse status(int code) {
        return new MockResponse.Builder().code(code).build();
    }

    /** Reads the request and closes. */
    private void closeAfterReading() {
        for (TestBackend backend : backends) {
            backend.answer(new MockResponse.Builder()
                    .onResponseStart(new SocketEffect.CloseSocket())
                    .build());
        }
    }

    @Test
    @DisplayName("ngx-retry-post, nginx-tests proxy_non_idempotent.t: a POST that may have been processed is sent once")
    void post_thatMayHaveBeenProcessed_isSentOnce() {
        backend("a");
        backend("b");
        closeAfterReading();
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, RetryPolicy.standard());
            Request post = request().post(RequestBody.create("once", null)).build();
            assertThatThrownBy(() -> client.newCall(post).execute()).isInstanceOf(IOException.class);
            assertThat(requests()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("ngx-retry-post-optin, nginx-tests proxy_non_idempotent.t: unless its author says so")
    void post_thatMayBeRepeated_isSentToEachServer() {
        backend("a");
        backend("b");
        closeAfterReading();
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(
                    pool,
                    RetryPolicy.builder()
                            .when(failure -> RetryPredicate.Verdict.RETRY)
                            .build());
            Request post = request().post(RequestBody.create("twice", null)).build();
            assertThatThrownBy(() -> client.newCall(post).execute()).isInstanceOf(IOException.class);
            assertThat(requests()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("ngx-tries-0, nginx-tests proxy_next_upstream_tries.t: without a limit each server is tried once")
    void noLimit_eachServerOnce() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            backend(name).answer(status(404));
        }
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(
                    pool, RetryPolicy.builder().maxAttempts(100).statuses(404).build());
            try (Response response = client.newCall(request().build()).execute()) {
                assertThat(response.code()).isEqualTo(404);
            }
            assertThat(backends)
                    .allSatisfy(backend -> assertThat(backend.requests()).hasSize(1));
        }
    }

    @Test
    @DisplayName("trf-failover, traefik failover_test.go: the fallback answers for 500 to 504, and not for 404")
    void fallback_answersForTheStatusesItIsFor() throws IOException {
        TestBackend main = backend("main");
        TestBackend fallback = backend("fallback");
        Backend second = fallback.backend();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backend(main.backend())
                .backend(Backend.builder(second.uri().toString())
                        .id("fallback")
                        .priority(1)
                        .build())
                .priorities(PriorityPolicy.strict())
                .build()) {
            OkHttpClient client = client(
                    pool,
                    RetryPolicy.builder().statuses(500, 501, 502, 503, 504).build());

            main.answer(status(503));
            try (Response response = client.newCall(request().build()).execute()) {
                assertThat(response.header("Backend")).isEqualTo("fallback");
            }
            main.answer(request -> main.named().code(404).build());
            try (Response response = client.newCall(request().build()).execute()) {
                assertThat(response.header("Backend")).isEqualTo("main");
                assertThat(response.code()).isEqualTo(404);
            }
            main.answer(status(503));
            fallback.answer(status(503));
            try (Response response = client.newCall(request().build()).execute()) {
                assertThat(response.code()).isEqualTo(503);
            }
        }
    }
}
