package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.BufferedSink;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way in which a call can end completes its lease exactly once, with the right outcome. */
class AttemptEndsTest {
    private static final String LONG_BODY = "x".repeat(1 << 20);

    private TestBackend backend = TestBackend.start("a");
    private RecordingPool pool = RecordingPool.of(backend);
    private OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
    private String scheme = "http";

    @AfterEach
    void close() {
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
        pool.close();
        backend.close();
    }

    private void use(Wire wire) {
        if (wire != Wire.H1) {
            close();
            backend = TestBackend.start("a", wire);
            pool = RecordingPool.of(backend);
            client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            scheme = wire.scheme();
        }
    }

    private Request.Builder request() {
        return new Request.Builder().url(scheme + "://users/x");
    }

    private Call call() {
        return client.newCall(request().build());
    }

    private void assertCompletedOnce(Outcome outcome) {
        await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(outcome));
        assertThat(pool.completions()).allMatch(RecordingPool.Completion::first);
        assertThat(pool.inFlight()).isZero();
    }

    private void assertOpen() {
        assertThat(pool.completions()).isEmpty();
        assertThat(pool.inFlight()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void body_readToItsEndAndClosed_isSuccess(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body(LONG_BODY).build());
        try (Response response = call().execute()) {
            assertOpen();
            assertThat(pool.responded()).isEqualTo(1);
            response.body().string();
        }
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void body_closedEarly_isSuccess(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body(LONG_BODY).build());
        try (Response response = call().execute()) {
            response.body().source().readByte();
            assertOpen();
        }
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void body_exhaustedAndNeverClosed_isSuccess(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body(LONG_BODY).build());
        Response response = call().execute();
        response.body().source().readByteArray();
        assertCompletedOnce(Outcome.SUCCESS);
        Reference.reachabilityFence(response);
    }

    @Test
    void body_gzipped_isSuccess() throws IOException {
        Buffer gzipped = new Buffer();
        try (BufferedSink sink = Okio.buffer(new GzipSink(gzipped))) {
            sink.writeUtf8(LONG_BODY);
        }
        backend.answer(backend.named()
                .setHeader("Content-Encoding", "gzip")
                .body(gzipped)
                .build());
        try (Response response = call().execute()) {
            assertThat(response.body().string()).isEqualTo(LONG_BODY);
        }
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @Test
    void redirect_toTheSameHost_staysOnTheBackendAndIsOneSuccess() throws IOException {
        backend.answer(request -> request.getTarget().equals("/x")
                ? new MockResponse.Builder()
                        .code(302)
                        .setHeader("Location", "/y")
                        .build()
                : backend.named().build());
        try (Response response = call().execute()) {
            assertThat(response.request().url()).hasToString("http://users/y");
            response.body().string();
        }
        assertCompletedOnce(Outcome.SUCCESS);
        assertThat(backend.requests()).hasSize(2);
    }

    @Test
    void redirect_toAnotherHost_endsTheAttemptAtTheRedirect() throws IOException {
        try (TestBackend other = TestBackend.start("other")) {
            other.answer(other.named().body(LONG_BODY).build());
            backend.answer(new MockResponse.Builder()
                    .code(302)
                    .setHeader("Location", other.uri() + "/y")
                    .build());
            try (Response response = call().execute()) {
                assertCompletedOnce(Outcome.SUCCESS);
                response.body().string();
            }
        }
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @Test
    void serverSentEvents_endByTheServer_isSuccess() throws IOException {
        backend.answer(backend.named()
                .setHeader("Content-Type", "text/event-stream")
                .chunkedBody("data: 1\n\ndata: 2\n\n", 9)
                .build());
        try (Response response = call().execute()) {
            response.body().source().readByteArray();
        }
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void head_neverClosed_isSuccess(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body("").setHeader("Content-Length", "7").build());
        Response response = client.newCall(request().head().build()).execute();
        assertCompletedOnce(Outcome.SUCCESS);
        Reference.reachabilityFence(response);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void noContent_neverClosed_isSuccess(Wire wire) throws IOException {
        use(wire);
        backend.answer(new MockResponse.Builder().code(204).build());
        Response response = call().execute();
        assertCompletedOnce(Outcome.SUCCESS);
        Reference.reachabilityFence(response);
    }

    @Test
    void trailers_readAndNeverClosed_isSuccess() throws IOException {
        use(Wire.H2_TLS);
        backend.answer(backend.named().trailers(okhttp3.Headers.of("t", "1")).build());
        Response response = call().execute();
        assertThat(response.trailers().get("t")).isEqualTo("1");
        assertCompletedOnce(Outcome.SUCCESS);
        Reference.reachabilityFence(response);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void connection_diesInMidBody_isFailed(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named()
                .body(LONG_BODY)
                .onResponseBody(wire == Wire.H1 ? new SocketEffect.CloseSocket() : new SocketEffect.CloseStream())
                .build());
        try (Response response = call().execute()) {
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
        }
        assertCompletedOnce(Outcome.FAILED);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void read_timesOutInMidBody_isTimedOut(Wire wire) throws IOException {
        use(wire);
        client = client.newBuilder().readTimeout(Duration.ofMillis(100)).build();
        backend.answer(backend.named()
                .body(LONG_BODY)
                .onResponseBody(SocketEffect.Stall.INSTANCE)
                .build());
        try (Response response = call().execute()) {
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(InterruptedIOException.class);
        }
        assertCompletedOnce(Outcome.TIMED_OUT);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_timesOutWhileReading_isTimedOut(Wire wire) throws IOException {
        use(wire);
        client = client.newBuilder().callTimeout(Duration.ofMillis(200)).build();
        backend.answer(backend.named()
                .body(LONG_BODY)
                .onResponseBody(SocketEffect.Stall.INSTANCE)
                .build());
        try (Response response = call().execute()) {
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
        }
        assertCompletedOnce(Outcome.TIMED_OUT);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_timesOutBeforeTheResponse_isTimedOut(Wire wire) {
        use(wire);
        client = client.newBuilder().callTimeout(Duration.ofMillis(200)).build();
        backend.answer(backend.named().headersDelay(1, TimeUnit.MINUTES).build());
        assertThatThrownBy(() -> call().execute())
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("timeout");
        assertCompletedOnce(Outcome.TIMED_OUT);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_timesOutWithTheBodyUntouched_isTimedOut(Wire wire) throws IOException {
        use(wire);
        client = client.newBuilder().callTimeout(Duration.ofMillis(200)).build();
        backend.answer(backend.named().body(LONG_BODY).build());
        Response response = call().execute();
        assertCompletedOnce(Outcome.TIMED_OUT);
        response.close();
        assertCompletedOnce(Outcome.TIMED_OUT);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_cancelledWithTheBodyUntouched_isCancelled(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body(LONG_BODY).build());
        Call call = call();
        Response response = call.execute();
        call.cancel();
        assertCompletedOnce(Outcome.CANCELLED);
        response.close();
        assertCompletedOnce(Outcome.CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_cancelledBeforeTheResponse_isCancelled(Wire wire) {
        use(wire);
        Call call = call();
        backend.answer(request -> {
            call.cancel();
            return backend.named().headersDelay(1, TimeUnit.MINUTES).build();
        });
        assertThatThrownBy(call::execute).isInstanceOf(IOException.class);
        assertCompletedOnce(Outcome.CANCELLED);
    }

    @Test
    void call_cancelledBeforeItStarts_acquiresNothing() {
        Call call = call();
        call.cancel();
        assertThatThrownBy(call::execute).isInstanceOf(IOException.class).hasMessage("Canceled");
        assertThat(pool.acquired()).isZero();
    }

    @Test
    void cacheHit_neverClosed_isDiscarded(@TempDir Path directory) throws IOException {
        client = client.newBuilder()
                .cache(new Cache(directory.toFile(), 1 << 20))
                .build();
        backend.answer(backend.named().setHeader("Cache-Control", "max-age=60").build());
        try (Response response = call().execute()) {
            response.body().string();
        }
        Response cached = call().execute();
        assertThat(cached.networkResponse()).isNull();
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.DISCARDED);
        assertThat(pool.inFlight()).isZero();
        assertThat(backend.requests()).hasSize(1);
        cached.close();
        client.cache().close();
    }

    @Test
    void onlyIfCached_unsatisfiable_isDiscarded() throws IOException {
        Request request = request().header("Cache-Control", "only-if-cached").build();
        try (Response response = client.newCall(request).execute()) {
            assertThat(response.code()).isEqualTo(504);
        }
        assertCompletedOnce(Outcome.DISCARDED);
    }

    @Test
    void revalidation_notModified_isSuccess(@TempDir Path directory) throws IOException {
        client = client.newBuilder()
                .cache(new Cache(directory.toFile(), 1 << 20))
                .build();
        backend.answer(request -> request.getHeaders().get("If-None-Match") != null
                ? new MockResponse.Builder().code(304).build()
                : backend.named().setHeader("ETag", "\"1\"").build());
        try (Response response = call().execute()) {
            response.body().string();
        }
        Response revalidated = call().execute();
        assertThat(revalidated.code()).isEqualTo(200);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        assertThat(pool.inFlight()).isZero();
        revalidated.close();
        client.cache().close();
    }

    @Test
    void webSocket_closedByBothSides_isSuccess() throws InterruptedException {
        backend.answer(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onClosing(WebSocket webSocket, int code, String reason) {
                        // An answer while the client's own frame is being written makes OkHttp close it under the
                        // writer.
                        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                                .execute(() -> webSocket.close(1000, null));
                    }
                })
                .build());
        WebSocket webSocket = openWebSocket();
        assertOpen();
        webSocket.close(1000, null);
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @Test
    void webSocket_cancelled_isCancelled() throws InterruptedException {
        backend.answer(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {})
                .build());
        WebSocket webSocket = openWebSocket();
        webSocket.cancel();
        assertCompletedOnce(Outcome.CANCELLED);
    }

    @Test
    void webSocket_whoseServerDies_endsWithTheSocket() throws InterruptedException {
        backend.answer(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket webSocket, String text) {
                        throw new IllegalStateException("the server dies");
                    }
                })
                .build());
        WebSocket webSocket = openWebSocket();
        assertOpen();
        webSocket.send("die");
        // The socket ends in good order; that a frame was missing is WebSocket's business, not HTTP's.
        assertCompletedOnce(Outcome.SUCCESS);
    }

    private WebSocket openWebSocket() throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        WebSocket webSocket = client.newWebSocket(request().build(), new WebSocketListener() {
            @Override
            public void onOpen(WebSocket opened, Response response) {
                open.countDown();
            }

            @Override
            public void onClosing(WebSocket closing, int code, String reason) {
                closing.close(code, reason);
            }
        });
        assertThat(open.await(10, TimeUnit.SECONDS)).isTrue();
        return webSocket;
    }

    @Test
    void duplex_completesWhenTheResponseEnds() throws IOException {
        use(Wire.H2_TLS);
        BufferedSink[] sink = new BufferedSink[1];
        backend.answer(request -> backend.named().build());
        RequestBody duplex = new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public boolean isDuplex() {
                return true;
            }

            @Override
            public void writeTo(BufferedSink opened) throws IOException {
                sink[0] = opened;
                opened.writeUtf8("x");
                opened.close();
            }
        };
        try (Response response = client.newCall(request().post(duplex).build()).execute()) {
            response.body().string();
        }
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @Test
    void interceptorAbove_proceedsTwice_completesEachAttemptInItsTurn() throws IOException {
        client = above(chain -> {
            chain.proceed(chain.request()).close();
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
            return chain.proceed(chain.request());
        });
        call().execute().close();
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void interceptorAbove_throwsAfterTheResponse_completesWhenTheBodyIsCollected() {
        client = above(chain -> {
            chain.proceed(chain.request());
            throw new IllegalStateException("above");
        });
        backend.answer(backend.named().body(LONG_BODY).build());
        assertThatThrownBy(() -> call().execute()).hasMessage("above");
        await().untilAsserted(() -> {
            System.gc();
            assertThat(pool.inFlight()).isZero();
        });
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void body_leaked_completesWhenItIsCollected(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body(LONG_BODY).build());
        assertLeakCompletes(call());
    }

    @Test
    void body_chunkedAndLeaked_completesWhenItIsCollected() throws IOException {
        backend.answer(backend.named().chunkedBody(LONG_BODY, 1 << 16).build());
        assertLeakCompletes(call());
    }

    private void assertLeakCompletes(Call call) throws IOException {
        call.execute();
        await().untilAsserted(() -> {
            System.gc();
            assertThat(pool.inFlight()).isZero();
        });
        assertCompletedOnce(Outcome.SUCCESS);
        // What the application may still hold of it does not keep the body alive.
        Reference.reachabilityFence(call);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void body_readByItsSourceAlone_isNotTakenForLeaked(Wire wire) throws IOException {
        use(wire);
        backend.answer(backend.named().body(LONG_BODY).build());
        okio.BufferedSource source = call().execute().body().source();
        System.gc();
        System.gc();
        assertOpen();
        source.close();
        assertCompletedOnce(Outcome.SUCCESS);
    }

    @Test
    void networkInterceptor_throwsBeforeSending_isDiscardedAndNotRetried() {
        client = beneath(chain -> {
            throw new IOException("beneath");
        });
        assertThatThrownBy(() -> call().execute())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("beneath");
        assertCompletedOnce(Outcome.DISCARDED);
    }

    @Test
    void networkInterceptor_throwsARuntimeException_isNeutral() {
        client = beneath(chain -> {
            throw new IllegalStateException("beneath");
        });
        assertThatThrownBy(() -> call().execute()).isInstanceOf(IllegalStateException.class);
        assertCompletedOnce(Outcome.DISCARDED);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void requestBody_throws_isCancelledAndNotRetried(Wire wire) {
        use(wire);
        RequestBody body = new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                throw new IOException("no such file");
            }
        };
        assertThatThrownBy(() -> client.newCall(request().put(body).build()).execute())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("no such file");
        assertCompletedOnce(Outcome.CANCELLED);
    }

    @Test
    void statuses_areClassified() throws IOException {
        assertThat(outcomeOf(200, null)).isEqualTo(Outcome.SUCCESS);
        assertThat(outcomeOf(404, null)).isEqualTo(Outcome.SUCCESS);
        assertThat(outcomeOf(429, null)).isEqualTo(Outcome.THROTTLED);
        assertThat(outcomeOf(500, null)).isEqualTo(Outcome.SERVER_ERROR);
        assertThat(outcomeOf(503, null)).isEqualTo(Outcome.GATEWAY_ERROR);
        assertThat(outcomeOf(503, "30")).isEqualTo(Outcome.THROTTLED);
    }

    private Outcome outcomeOf(int code, String retryAfter) throws IOException {
        MockResponse.Builder response = backend.named().code(code);
        if (retryAfter != null) {
            response.setHeader("Retry-After", retryAfter);
        }
        backend.answer(response.build());
        try (Response received = call().execute()) {
            received.body().string();
        }
        return pool.outcomes().get(pool.outcomes().size() - 1);
    }

    private OkHttpClient above(Interceptor interceptor) {
        OkHttpClient.Builder builder = client.newBuilder();
        builder.interceptors().add(0, interceptor);
        return builder.build();
    }

    private OkHttpClient beneath(Interceptor interceptor) {
        return client.newBuilder().addNetworkInterceptor(interceptor).build();
    }
}
