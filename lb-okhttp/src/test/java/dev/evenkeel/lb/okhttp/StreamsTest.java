package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything that is not one small body each way: WebSockets, events, duplex, compression, no body at all. */
@Timeout(60)
class StreamsTest {
    private static final MediaType TEXT = MediaType.get("text/plain");

    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H1", "H2_TLS"})
    void webSockets_areSpreadAndInFlightUntilTheyClose(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            a.answer(request -> echo("a"));
            b.answer(request -> echo("b"));
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            Talk first = Talk.open(client, wire.scheme() + "://users/x");
            Talk second = Talk.open(client, wire.scheme() + "://users/x");
            assertThat(pool.inFlight()).isEqualTo(2);
            assertThat(first.ask("one")).isEqualTo("a: one");
            assertThat(second.ask("two")).isEqualTo("b: two");
            assertThat(first.ask("three")).isEqualTo("a: three");
            assertThat(pool.inFlight()).isEqualTo(2);

            first.close();
            await().untilAsserted(() -> assertThat(pool.inFlight()).isEqualTo(1));
            assertThat(second.ask("four")).isEqualTo("b: four");
            second.close();
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());

            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @Test
    void webSocket_whoseFirstBackendIsGone_opensAtAnother() throws Exception {
        try (RefusingPort gone = RefusingPort.open("gone");
                TestBackend b = TestBackend.start("b");
                RecordingPool pool = RecordingPool.of(List.of(gone.backend(), b.backend()))) {
            b.answer(request -> echo("b"));
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            Talk talk = Talk.open(client, "http://users/x");
            assertThat(talk.ask("one")).isEqualTo("b: one");
            talk.close();

            await().untilAsserted(
                            () -> assertThat(pool.outcomes()).containsExactly(Outcome.NEVER_SENT, Outcome.SUCCESS));
        }
    }

    @Test
    void webSockets_doNotHoldUpOtherCalls() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(a)) {
            a.answer(request -> request.getHeaders().get("Upgrade") != null
                    ? echo("a")
                    : a.named().build());
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            List<Talk> talks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                talks.add(Talk.open(client, "http://users/x"));
            }
            assertThat(Calls.enqueue(client.newCall(Calls.get("http://users/x")))
                            .get(30, TimeUnit.SECONDS))
                    .isEqualTo("a");

            talks.forEach(Talk::close);
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void endlessEvents_areInFlightUntilCancelled(Wire wire) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b);
                AutoCloseable silence = ended::countDown) {
            a.answer(request -> request.getTarget().equals("/events")
                    ? new MockResponse.Builder()
                            .setHeader("Content-Type", "text/event-stream")
                            .body(new EndlessEvents(ended))
                            .build()
                    : a.named().build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            BlockingQueue<String> events = new LinkedBlockingQueue<>();
            CompletableFuture<Void> failed = new CompletableFuture<>();

            EventSource source = EventSources.createFactory(client)
                    .newEventSource(
                            new Request.Builder()
                                    .url(wire.scheme() + "://users/events")
                                    .build(),
                            new EventSourceListener() {
                                @Override
                                public void onEvent(EventSource from, String id, String type, String data) {
                                    events.add(data);
                                }

                                @Override
                                public void onFailure(EventSource from, Throwable failure, Response response) {
                                    failed.complete(null);
                                }
                            });
            for (int i = 0; i < 5; i++) {
                assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo("event " + i);
            }

            assertThat(pool.inFlight()).isEqualTo(1);
            assertThat(pool.responded()).isEqualTo(1);
            assertThat(Calls.body(client, wire.scheme() + "://users/x")).isEqualTo("b");
            assertThat(Calls.body(client, wire.scheme() + "://users/x")).isEqualTo("a");
            assertThat(pool.inFlight()).isEqualTo(1);

            source.cancel();
            failed.get(30, TimeUnit.SECONDS);
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
            assertThat(pool.outcomes()).containsExactlyInAnyOrder(Outcome.SUCCESS, Outcome.SUCCESS, Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H2_TLS", "H2_PRIOR_KNOWLEDGE"})
    void duplexCall_talksToOneBackendInBothDirections(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            MockResponse conversation = new MockResponse.Builder()
                    .clearHeaders()
                    .socketHandler(socket -> {
                        try (BufferedSource in = Okio.buffer(socket.getSource());
                                BufferedSink out = Okio.buffer(socket.getSink())) {
                            for (String line = in.readUtf8Line(); line != null; line = in.readUtf8Line()) {
                                out.writeUtf8("a: " + line + "\n").flush();
                            }
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .build();
            a.peek(conversation);
            a.answer(conversation);
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            CompletableFuture<BufferedSink> opened = new CompletableFuture<>();
            RequestBody duplex = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return TEXT;
                }

                @Override
                public boolean isDuplex() {
                    return true;
                }

                @Override
                public void writeTo(BufferedSink sink) {
                    opened.complete(sink);
                }
            };

            try (Response response = client.newCall(new Request.Builder()
                            .url(wire.scheme() + "://users/x")
                            .post(duplex)
                            .build())
                    .execute()) {
                BufferedSource answers = response.body().source();
                try (BufferedSink questions = opened.get(30, TimeUnit.SECONDS)) {
                    for (int i = 0; i < 3; i++) {
                        questions.writeUtf8("question " + i + "\n").flush();
                        assertThat(answers.readUtf8Line()).isEqualTo("a: question " + i);
                        assertThat(pool.inFlight()).isEqualTo(1);
                    }
                }
                assertThat(answers.readUtf8Line()).isNull();
            }

            assertThat(pool.inFlight()).isZero();
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
            assertThat(b.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void gzippedBody_isUnpackedByOkHttp(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                RecordingPool pool = RecordingPool.of(a)) {
            Buffer packed = new Buffer();
            try (BufferedSink gzip = Okio.buffer(new GzipSink(packed))) {
                gzip.writeUtf8("unpacked ".repeat(10_000));
            }
            a.answer(request -> {
                assertThat(request.getHeaders().get("Accept-Encoding")).isEqualTo("gzip");
                return new MockResponse.Builder()
                        .setHeader("Content-Encoding", "gzip")
                        .body(packed.clone())
                        .build();
            });
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            assertThat(Calls.body(client, wire.scheme() + "://users/x")).isEqualTo("unpacked ".repeat(10_000));
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void head_hasHeadersAndNoBody(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            for (TestBackend backend : List.of(a, b)) {
                backend.answer(new MockResponse.Builder()
                        .clearHeaders()
                        .setHeader("Backend", backend.name)
                        .build());
            }
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            Request head = new Request.Builder()
                    .url(wire.scheme() + "://users/x")
                    .head()
                    .build();

            for (String expected : List.of("a", "b", "a")) {
                try (Response response = client.newCall(head).execute()) {
                    assertThat(response.header("Backend")).isEqualTo(expected);
                    assertThat(response.body().string()).isEmpty();
                }
            }

            assertThat(a.connections()).isEqualTo(1);
            assertThat(pool.outcomes()).hasSize(3).containsOnly(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void expectContinue_isHonoured(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                RecordingPool pool = RecordingPool.of(a)) {
            a.peek(new MockResponse.Builder().add100Continue().build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            assertThat(Calls.body(client, expectingContinue(wire, "body"))).isEqualTo("a");

            assertThat(a.requests())
                    .singleElement()
                    .satisfies(request -> assertThat(request.getBody().utf8()).isEqualTo("body"));
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @Test
    void expectContinue_thatIsRefused_takesTheBodyElsewhere() throws Exception {
        try (RawServer full =
                        RawServer.start((head, out) -> RawServer.write(out, 503, "no room")); // without a 100 before it
                TestBackend b = TestBackend.start("b");
                RecordingPool pool = RecordingPool.of(
                        List.of(Backend.builder(full.uri()).id("full").build(), b.backend()))) {
            b.peek(new MockResponse.Builder().add100Continue().build());
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertThat(Calls.body(client, expectingContinue(Wire.H1, "body"))).isEqualTo("b");

            assertThat(b.requests())
                    .singleElement()
                    .satisfies(request -> assertThat(request.getBody().utf8()).isEqualTo("body"));
            assertThat(pool.outcomes()).containsExactly(Outcome.GATEWAY_ERROR, Outcome.SUCCESS);
        }
    }

    private static Request expectingContinue(Wire wire, String body) {
        return new Request.Builder()
                .url(wire.scheme() + "://users/x")
                .header("Expect", "100-continue")
                .put(RequestBody.create(body, TEXT))
                .build();
    }

    private static MockResponse echo(String name) {
        return new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket webSocket, String text) {
                        webSocket.send(name + ": " + text);
                    }

                    @Override
                    public void onClosing(WebSocket webSocket, int code, String reason) {
                        webSocket.close(code, reason);
                    }
                })
                .build();
    }

    /** The client's end of an echoing WebSocket. */
    private static final class Talk extends WebSocketListener {
        private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();
        private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

        static Talk open(OkHttpClient client, String url) throws Exception {
            Talk talk = new Talk();
            client.newWebSocket(Calls.get(url), talk);
            talk.opened.get(30, TimeUnit.SECONDS);
            return talk;
        }

        String ask(String question) throws Exception {
            assertThat(opened.get().send(question)).isTrue();
            return answers.poll(30, TimeUnit.SECONDS);
        }

        void close() {
            opened.join().close(1000, "bye");
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            opened.complete(webSocket);
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            answers.add(text);
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
            opened.completeExceptionally(failure);
        }
    }

    /** Five events, and then silence until the test has ended. */
    private record EndlessEvents(CountDownLatch ended) implements MockResponseBody {
        @Override
        public long getContentLength() {
            return -1;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            for (int i = 0; i < 5; i++) {
                sink.writeUtf8("data: event " + i + "\n\n").flush();
            }
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
