package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kinds of calls, phases of cancellation and faces of failure, on each wire where there is a difference. */
@Timeout(60)
class CallKindsTest {
    private static final String LONG_BODY = "x".repeat(1 << 20);
    private static final MediaType GRPC = MediaType.get("application/grpc");

    private static void assertEnded(RecordingPool pool, Outcome... outcomes) {
        await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(outcomes));
        assertThat(pool.completions()).allMatch(RecordingPool.Completion::first);
        assertThat(pool.inFlight()).isZero();
    }

    private static Request.Builder request(Wire wire) {
        return new Request.Builder().url(wire.scheme() + "://users/x");
    }

    // Cancellation by phase; before the start, before the response, with the body untouched: AttemptEndsTest.
    // In the back-off: RetryPolicyTest. In the queue: CallWaitTest.

    @Test
    void call_cancelledInTheTlsHandshake_isCancelled() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                TestBackend other = TestBackend.start("other", Wire.H2_TLS);
                RecordingPool pool = RecordingPool.of(List.of(
                        Backend.builder("https://127.0.0.1:" + silent.getLocalPort())
                                .id("silent")
                                .build(),
                        other.backend()))) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(Wire.H2_TLS)
                            .eventListener(new EventListener() {
                                @Override
                                public void secureConnectStart(Call call) {
                                    call.cancel();
                                }
                            })
                            .build(),
                    pool);

            assertThatThrownBy(
                            () -> client.newCall(request(Wire.H2_TLS).build()).execute())
                    .isInstanceOf(IOException.class);
            assertEnded(pool, Outcome.CANCELLED);
            assertThat(other.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_cancelledWhileItsBodyIsWritten_isCancelled(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            CompletableFuture<Call> call = new CompletableFuture<>();
            RequestBody body = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                    sink.writeUtf8(LONG_BODY.substring(0, 10_000)).flush();
                    call.join().cancel();
                    for (int i = 0; i < 100; i++) {
                        sink.writeUtf8(LONG_BODY).flush();
                    }
                }
            };
            call.complete(client.newCall(request(wire).put(body).build()));

            assertThatThrownBy(() -> call.join().execute()).isInstanceOf(IOException.class);
            assertEnded(pool, Outcome.CANCELLED);
            assertThat(b.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void call_cancelledWhileItsAnswerIsRead_isCancelled(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                RecordingPool pool = RecordingPool.of(a)) {
            a.answer(a.named().body(LONG_BODY.repeat(8)).build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            Call call = client.newCall(request(wire).build());

            try (Response response = call.execute()) {
                response.body().source().readByte();
                call.cancel();
                assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
            }
            assertEnded(pool, Outcome.CANCELLED);
        }
    }

    // Kinds.

    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H1", "H2_TLS"})
    void webSocket_whoseUpgradeIsAnsweredWith503_opensAtAnother(Wire wire) throws Exception {
        try (TestBackend busy = TestBackend.start("busy", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(busy, b)) {
            busy.answer(busy.named().code(503).build());
            b.answer(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onOpen(WebSocket webSocket, Response response) {
                            webSocket.send("hello");
                        }
                    })
                    .build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            CompletableFuture<String> heard = new CompletableFuture<>();
            WebSocket socket = client.newWebSocket(request(wire).build(), new WebSocketListener() {
                @Override
                public void onMessage(WebSocket webSocket, String text) {
                    heard.complete(text);
                }

                @Override
                public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
                    heard.completeExceptionally(failure);
                }
            });

            assertThat(heard.get(30, TimeUnit.SECONDS)).isEqualTo("hello");
            assertThat(pool.inFlight()).isEqualTo(1);
            assertThat(busy.requests()).hasSize(1);
            socket.cancel();
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
            assertThat(pool.backends()).containsExactly("busy", "b");
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void events_endedByTheServer_areASuccess(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                RecordingPool pool = RecordingPool.of(a)) {
            a.answer(a.trailing("data: 1\n\ndata: 2\n\n", Headers.EMPTY)
                    .setHeader("Content-Type", "text/event-stream")
                    .build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            assertThat(Calls.body(client, request(wire).build())).isEqualTo("data: 1\n\ndata: 2\n\n");
            assertEnded(pool, Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H2_TLS", "H2_PRIOR_KNOWLEDGE"})
    void grpcShapedCall_whoseFirstBackendIsGone_isAnsweredWithTrailersByAnother(Wire wire) throws Exception {
        try (RefusingPort gone = RefusingPort.open("gone");
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(List.of(
                        Backend.builder(wire.scheme() + "://" + gone.uri().substring("http://".length()))
                                .id("gone")
                                .build(),
                        b.backend()))) {
            b.answer(b.trailing("\0\0\0\0\2ok", Headers.of("grpc-status", "0"))
                    .setHeader("Content-Type", "application/grpc")
                    .build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            RequestBody message =
                    RequestBody.create(new Buffer().writeUtf8("\0\0\0\0\2hi").readByteArray(), GRPC);

            try (Response response = client.newCall(
                            request(wire).header("TE", "trailers").post(message).build())
                    .execute()) {
                assertThat(response.body().string()).isEqualTo("\0\0\0\0\2ok");
                assertThat(response.trailers().get("grpc-status")).isEqualTo("0");
            }
            assertEnded(pool, Outcome.NEVER_SENT, Outcome.SUCCESS);
            assertThat(b.requests())
                    .singleElement()
                    .satisfies(one -> assertThat(one.getBody().utf8()).isEqualTo("\0\0\0\0\2hi"));
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void notModified_isASuccess_andTheCacheAnswers(Wire wire, @TempDir Path directory) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                RecordingPool pool = RecordingPool.of(a);
                Cache cache = new Cache(directory.toFile(), 1 << 20)) {
            a.answer(request -> request.getHeaders().get("If-None-Match") == null
                    ? a.named()
                            .setHeader("ETag", "\"1\"")
                            .setHeader("Cache-Control", "no-cache")
                            .build()
                    : new MockResponse.Builder().code(304).build());
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(wire).cache(cache).build(), pool);

            assertThat(Calls.body(client, request(wire).build())).isEqualTo("a");
            try (Response response = client.newCall(request(wire).build()).execute()) {
                assertThat(response.networkResponse().code()).isEqualTo(304);
                assertThat(response.body().string()).isEqualTo("a");
            }
            assertEnded(pool, Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    // The error surface.

    @ParameterizedTest
    @EnumSource(Wire.class)
    void failuresOfDifferentKinds_areOneOfTheLastKind_withTheEarlierSuppressed(Wire wire) throws Exception {
        try (RefusingPort refusing = RefusingPort.open("refusing");
                TestBackend silent = TestBackend.start("silent", wire)) {
            silent.answer(silent.named().headersDelay(1, TimeUnit.MINUTES).build());
            Backend gone = Backend.builder(
                            wire.scheme() + "://" + refusing.uri().substring("http://".length()))
                    .id("refusing")
                    .build();

            IOException timeoutLast = failure(wire, gone, silent.backend());
            assertThat(timeoutLast)
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageMatching("pool \"users\" failed after 2 attempts: refusing \\(" + gone.uri()
                            + "\\): Connection refused \\(never sent\\); silent \\(" + silent.uri() + "\\): .+");
            assertThat(timeoutLast.getSuppressed()).singleElement().isInstanceOf(ConnectException.class);
            assertThat(LoadBalancing.trace(timeoutLast).orElseThrow().attempts())
                    .extracting(CallTrace.AttemptTrace::backend, CallTrace.AttemptTrace::outcome)
                    .containsExactly(tuple(gone, Outcome.NEVER_SENT), tuple(silent.backend(), Outcome.TIMED_OUT));

            IOException refusedLast = failure(wire, silent.backend(), gone);
            assertThat(refusedLast)
                    .as("printed as the type that callers know")
                    .hasToString("java.net.ConnectException: " + refusedLast.getMessage())
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("refusing (" + gone.uri() + "): Connection refused (never sent)");
            assertThat(refusedLast.getSuppressed()).singleElement().isInstanceOf(SocketTimeoutException.class);
            assertThat(LoadBalancing.trace(new IOException("wrapped", refusedLast)))
                    .isEqualTo(LoadBalancing.trace(refusedLast));
        }
    }

    private static IOException failure(Wire wire, Backend first, Backend second) throws Exception {
        try (RecordingPool pool = RecordingPool.of(List.of(first, second))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .retries(RetryPolicy.builder()
                            .attemptTimeout(Duration.ofMillis(300))
                            .build())
                    .attach(TestBackend.client(wire).build());
            IOException failure = catchThrowableOfType(
                    IOException.class, () -> Calls.body(client, request(wire).build()));
            assertThat(pool.inFlight()).isZero();
            return failure;
        }
    }
}
