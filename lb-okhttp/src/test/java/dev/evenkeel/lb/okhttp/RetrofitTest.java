package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okhttp3.ResponseBody;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import retrofit2.Call;
import retrofit2.Callback;
import retrofit2.Converter;
import retrofit2.Response;
import retrofit2.Retrofit;
import retrofit2.http.Body;
import retrofit2.http.GET;
import retrofit2.http.POST;
import retrofit2.http.Path;
import retrofit2.http.Streaming;

/** Retrofit knows nothing of pools: the base URL is the logical one, and everything else stays as it was. */
@Timeout(60)
class RetrofitTest {
    private static final MediaType TEXT = MediaType.get("text/plain");

    private final List<TestBackend> backends = new ArrayList<>();
    private RecordingPool pool;

    private interface Users {
        @GET("api/{id}")
        Call<String> user(@Path("id") int id);

        @POST("api/users")
        Call<String> create(@Body String name);

        @GET("api/all")
        Call<ResponseBody> all();

        @Streaming
        @GET("api/all")
        Call<ResponseBody> stream();

        @GET("api/{id}")
        CompletableFuture<String> later(@Path("id") int id);
    }

    private Users users(Wire wire) {
        for (String name : List.of("a", "b", "c")) {
            backends.add(TestBackend.start(name, wire));
        }
        pool = RecordingPool.of(backends.toArray(TestBackend[]::new));
        return new Retrofit.Builder()
                .baseUrl(wire.scheme() + "://users/")
                .client(LoadBalancing.attach(TestBackend.client(wire).build(), pool))
                .addConverterFactory(new Strings())
                .build()
                .create(Users.class);
    }

    @AfterEach
    void close() {
        pool.close();
        backends.forEach(TestBackend::close);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void synchronousCalls_areSpread(Wire wire) throws Exception {
        Users users = users(wire);

        for (int i = 0; i < 6; i++) {
            Response<String> response = users.user(i).execute();
            assertThat(response.body()).isEqualTo(response.headers().get("Backend"));
            assertThat(response.raw().request().url().host()).isEqualTo("users");
        }

        assertThat(backends).allSatisfy(backend -> {
            assertThat(backend.requests()).hasSize(2);
            assertThat(backend.connections()).isEqualTo(1);
        });
        assertThat(backends.get(1).requests().get(0).getTarget()).isEqualTo("/api/1");
        assertThat(pool.outcomes()).hasSize(6).containsOnly(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void asynchronousCalls_areSpread(Wire wire) throws Exception {
        Users users = users(wire);

        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(i % 2 == 0 ? enqueue(users.user(i)) : users.later(i));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS)).isIn("a", "b", "c");
        }

        assertThat(backends)
                .allSatisfy(backend -> assertThat(backend.requests()).hasSize(2));
        await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
        assertThat(pool.outcomes()).hasSize(6).containsOnly(Outcome.SUCCESS);
    }

    @Test
    void bodyOfAPost_arrivesOnce() throws Exception {
        Users users = users(Wire.H1);

        assertThat(users.create("ada").execute().body()).isEqualTo("a");

        assertThat(backends.get(0).requests()).singleElement().satisfies(request -> {
            assertThat(request.getMethod()).isEqualTo("POST");
            assertThat(request.getBody().utf8()).isEqualTo("ada");
        });
    }

    @Test
    void bufferedBody_isCompleteAndEndsTheAttempt() throws Exception {
        Users users = users(Wire.H1);

        Response<ResponseBody> response = users.all().execute();

        assertThat(pool.inFlight()).isZero();
        assertThat(response.body().string()).isEqualTo("a");
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void streamedBody_isInFlightUntilItEnds(Wire wire) throws Exception {
        Users users = users(wire);
        byte[] bytes = new byte[1_000_000];
        backends.get(0)
                .answer(new MockResponse.Builder()
                        .body(new Buffer().write(bytes))
                        .build());

        Response<ResponseBody> response = users.stream().execute();

        assertThat(pool.inFlight()).isEqualTo(1);
        try (InputStream stream = response.body().byteStream()) {
            assertThat(stream.readAllBytes()).hasSameSizeAs(bytes);
        }
        assertThat(pool.inFlight()).isZero();
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void errors_areRetrofitsOwn() throws Exception {
        Users users = users(Wire.H1);
        backends.get(0).answer(new MockResponse.Builder().code(404).body("who?").build());

        Response<String> response = users.user(1).execute();

        assertThat(response.code()).isEqualTo(404);
        assertThat(response.errorBody().string()).isEqualTo("who?");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void call_thatFails_isTriedElsewhere() throws Exception {
        Users users = users(Wire.H1);
        backends.get(0).close();
        backends.get(1).answer(new MockResponse.Builder().code(503).build());

        assertThat(users.user(1).execute().body()).isEqualTo("c");
    }

    @Test
    void closedPool_failsBothKindsOfCalls() {
        Users users = users(Wire.H1);
        pool.close();

        assertThatThrownBy(() -> users.user(1).execute()).isInstanceOf(NoBackendAvailableException.class);
        assertThatThrownBy(() -> enqueue(users.user(1)).get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(NoBackendAvailableException.class)
                .hasMessageContaining("the pool is closed");
    }

    /** {@code onFailure} has a {@link Throwable}. */
    @Test
    void failure_hasItsTrace() {
        Users users = users(Wire.H1);
        backends.forEach(TestBackend::close);

        assertThatThrownBy(() -> enqueue(users.create("x")).get(30, TimeUnit.SECONDS))
                .cause()
                .satisfies(failure -> assertThat(
                                LoadBalancing.trace(failure).orElseThrow().attempts())
                        .extracting(attempt -> attempt.backend().id() + " " + attempt.outcome())
                        .containsExactlyInAnyOrder("a NEVER_SENT", "b NEVER_SENT", "c NEVER_SENT"));
    }

    private static CompletableFuture<String> enqueue(Call<String> call) {
        CompletableFuture<String> body = new CompletableFuture<>();
        call.enqueue(new Callback<>() {
            @Override
            public void onResponse(Call<String> answered, Response<String> response) {
                body.complete(response.body());
            }

            @Override
            public void onFailure(Call<String> failed, Throwable failure) {
                body.completeExceptionally(failure);
            }
        });
        return body;
    }

    /** Plain text, both ways. */
    private static final class Strings extends Converter.Factory {
        @Override
        public Converter<ResponseBody, ?> responseBodyConverter(
                Type type, Annotation[] annotations, Retrofit retrofit) {
            return type == String.class ? (Converter<ResponseBody, String>) Strings::read : null;
        }

        @Override
        public Converter<?, RequestBody> requestBodyConverter(
                Type type, Annotation[] parameterAnnotations, Annotation[] methodAnnotations, Retrofit retrofit) {
            return type == String.class
                    ? (Converter<String, RequestBody>) text -> RequestBody.create(text, TEXT)
                    : null;
        }

        private static String read(ResponseBody body) throws IOException {
            try (body) {
                return body.string();
            }
        }
    }
}
