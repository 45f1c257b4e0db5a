package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.FormBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OkHttp's own repetition after a 503 that says {@code Retry-After: 0}, and its other ones, which stay. */
class SingleSendBodyTest {
    private static final FormBody BODY =
            new FormBody.Builder().add("name", "value").build();

    private final List<TestBackend> backends = new ArrayList<>();
    private RecordingPool pool;

    @AfterEach
    void close() {
        pool.close();
        backends.forEach(TestBackend::close);
    }

    private TestBackend start(String name) {
        TestBackend backend = TestBackend.start(name);
        backends.add(backend);
        return backend;
    }

    private TestBackend unavailable(String name) {
        TestBackend backend = start(name);
        backend.answer(backend.named().code(503).setHeader("Retry-After", "0").build());
        return backend;
    }

    private OkHttpClient attach(Addressing addressing, OkHttpClient client) {
        pool = RecordingPool.of(backends.toArray(new TestBackend[0]));
        return LoadBalancing.builder().pools(pool).addressing(addressing).attach(client);
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://users/x");
    }

    private static String call(OkHttpClient client, Request.Builder request) throws IOException {
        try (Response response = client.newCall(request.build()).execute()) {
            assertThat(response.request().body()).isSameAs(request.build().body());
            return response.code() + " " + response.body().string();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void post_isProcessedOnce(Addressing addressing) throws IOException {
        TestBackend busy = unavailable("busy");
        TestBackend up = start("up");
        OkHttpClient client = attach(addressing, TestBackend.client(Wire.H1).build());
        assertThat(call(client, request().post(BODY))).isEqualTo("503 busy");
        assertThat(busy.requests()).hasSize(1);
        assertThat(up.requests()).isEmpty();
        assertThat(pool.outcomes()).containsExactly(Outcome.THROTTLED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void put_goesElsewhereAtOnce(Addressing addressing) throws IOException {
        TestBackend busy = unavailable("busy");
        start("up");
        OkHttpClient client = attach(addressing, TestBackend.client(Wire.H1).build());
        assertThat(call(client, request().put(BODY))).isEqualTo("200 up");
        assertThat(busy.requests()).hasSize(1);
    }

    @Test
    void redirectThatKeepsTheMethod_isFollowedWithTheBody() throws IOException {
        TestBackend moved = start("moved");
        moved.answer(request -> request.getTarget().equals("/x")
                ? new MockResponse.Builder()
                        .code(307)
                        .setHeader("Location", "/y")
                        .build()
                : moved.named().body(request.getBody().utf8()).build());
        OkHttpClient client =
                attach(Addressing.AUTO, TestBackend.client(Wire.H1).build());
        assertThat(call(client, request().post(BODY))).isEqualTo("200 name=value");
    }

    @Test
    void challenge_isAnsweredWithTheBody() throws IOException {
        TestBackend locked = start("locked");
        locked.answer(request -> request.getHeaders().get("Authorization") == null
                ? new MockResponse.Builder().code(401).build()
                : locked.named().body(request.getBody().utf8()).build());
        OkHttpClient client = attach(
                Addressing.AUTO,
                TestBackend.client(Wire.H1)
                        .authenticator((route, response) -> response.request()
                                .newBuilder()
                                .header("Authorization", "key")
                                .build())
                        .build());
        assertThat(call(client, request().post(BODY))).isEqualTo("200 name=value");
    }
}
