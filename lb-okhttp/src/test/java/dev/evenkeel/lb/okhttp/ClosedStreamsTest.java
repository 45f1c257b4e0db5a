package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.Lease.StreamClosedException.Reason;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.OpenStream.Kind;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.discovery.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that the pool ends: what the reader gets, what the server sees, and what the pool counts. */
@Timeout(60)
class ClosedStreamsTest {
    private static final Duration DEADLINE = Duration.ofMillis(50);
    private static final Duration MAX_DURATION = Duration.ofSeconds(1);

    private static Stream<Arguments> streams() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Stream.of(Addressing.STEER, Addressing.REWRITE)
                        .filter(addressing -> kind != Kind.SOCKET || addressing == Addressing.STEER)
                        .map(addressing -> Arguments.of(kind, addressing)));
    }

    private static RecordingPool pool(OpenStream stream, Consumer<LoadBalancerBuilder> settings) {
        LoadBalancerBuilder builder =
                LoadBalancers.builder("users").backend(stream.backend()).strategy(Strategies.roundRobin());
        settings.accept(builder);
        return new RecordingPool(builder.build());
    }

    @ParameterizedTest
    @MethodSource("streams")
    void stream_thatIsLeftAtTheDeadline_isClosed_ifTheDrainAsksForIt(Kind kind, Addressing addressing)
            throws Exception {
        try (OpenStream stream = kind.start();
                RecordingPool pool = pool(stream, builder -> {})) {
            stream.open(pool, addressing);

            DrainReport report = pool.registry()
                    .drain("a", DrainPolicy.of(DEADLINE).withCloseAtDeadline(true))
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(report.closed()).isEqualTo(1);
            assertThat(report.remaining()).isZero();
            assertThat(report.isComplete()).isTrue();
            assertIsClosed(kind, stream, pool, Reason.DRAIN_DEADLINE, DEADLINE);
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void stream_thatIsLeftAtTheDeadline_goesOn_byDefault(Kind kind, Addressing addressing) throws Exception {
        try (OpenStream stream = kind.start();
                RecordingPool pool = pool(stream, builder -> {})) {
            stream.open(pool, addressing);

            DrainReport report =
                    pool.registry().drain("a", DEADLINE).toCompletableFuture().get(30, TimeUnit.SECONDS);

            assertThat(report.closed()).isZero();
            assertThat(report.remaining()).isEqualTo(1);
            assertThat(stream.isAlive()).isTrue();
            stream.cancel();
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void stream_thatIsTooOld_isClosed_ifThePoolHasAMaximum(Kind kind, Addressing addressing) throws Exception {
        try (OpenStream stream = kind.start();
                RecordingPool pool = pool(stream, builder -> builder.maxStreamDuration(MAX_DURATION))) {
            stream.open(pool, addressing);
            assertThat(stream.isAlive()).isTrue();

            assertIsClosed(kind, stream, pool, Reason.MAX_STREAM_DURATION, MAX_DURATION);
        }
    }

    private static void assertIsClosed(Kind kind, OpenStream stream, RecordingPool pool, Reason reason, Duration limit)
            throws Exception {
        Throwable seen = stream.ended.get(30, TimeUnit.SECONDS);
        if (kind.isWebSocket()) {
            String text = " 1001 backend a: " + reason.text();
            assertThat(stream.received).contains("closing" + text, "closed" + text);
            assertThat(seen).isNull();
        } else {
            assertIsExplained(seen, reason, limit);
        }
        String seenByServer = stream.seenByServer.get(30, TimeUnit.SECONDS);
        switch (kind) {
            case WEB_SOCKET_H1, WEB_SOCKET_TLS -> assertThat(seenByServer).isEqualTo("close 1001 " + reason.text());
            case STREAM_H2 -> assertThat(seenByServer).isEqualTo("stream was reset: CANCEL");
            // This server goes on writing. OkHttp 5.5.1 forgets a cancelled stream just before it sends CANCEL, and
            // answers an event that arrives in between by PROTOCOL_ERROR.
            case EVENTS_H2_TLS ->
                assertThat(seenByServer).isIn("stream was reset: CANCEL", "stream was reset: PROTOCOL_ERROR");
            case EVENTS_H1, BODY_H1, HEAD_H1, SOCKET -> assertThat(seenByServer).startsWith("end of the connection");
        }
        await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(Outcome.CANCELLED));
        assertThat(pool.snapshot().backend("a").breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(pool.inFlight()).isZero();
    }

    private static void assertIsExplained(@Nullable Throwable seen, Reason reason, Duration limit) {
        assertThat(seen).isInstanceOfSatisfying(StreamClosedException.class, closed -> {
            assertThat(closed.reason()).isEqualTo(reason);
            assertThat(closed.backend().id()).isEqualTo("a");
            assertThat(closed).hasMessageContaining("pool \"users\"", "backend a", limit.toString());
            assertThat(closed).hasCauseInstanceOf(IOException.class);
        });
    }

    /** The streams of one connection are closed by themselves: a younger one on it goes on. */
    @Test
    void streamOfHttp2_thatIsTooOld_leavesTheOthersOfItsConnection() throws Exception {
        BlockingQueue<RawH2Server.Stream> streams = new LinkedBlockingQueue<>();
        VirtualTime time = new VirtualTime();
        try (RawH2Server server = RawH2Server.start(new RawH2Server.Handler() {
                    @Override
                    public boolean wants(RawH2Server.Stream stream) {
                        return true;
                    }

                    @Override
                    public void answer(RawH2Server.Stream stream) throws IOException {
                        stream.head(200);
                        stream.body("first\n", false);
                        streams.add(stream);
                    }
                });
                LoadBalancer pool = LoadBalancers.builder("users")
                        .backends(server.uri())
                        .timeSource(time)
                        .scheduler(time)
                        .maxStreamDuration(Duration.ofMinutes(10))
                        .build()) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE).build(), pool);
            Call old = client.newCall(Calls.get("http://users/old"));
            Call young = client.newCall(Calls.get("http://users/young"));
            try (Response oldResponse = old.execute()) {
                RawH2Server.Stream oldStream = streams.take();
                time.advance(Duration.ofMinutes(8));
                try (Response youngResponse = young.execute()) {
                    RawH2Server.Stream youngStream = streams.take();
                    assertThat(youngStream.connection()).isSameAs(oldStream.connection());

                    time.advance(Duration.ofMinutes(2));

                    BufferedSource lines = oldResponse.body().source();
                    assertThatThrownBy(() -> {
                                lines.readUtf8Line();
                                lines.readUtf8Line();
                            })
                            .isInstanceOf(StreamClosedException.class);
                    assertThat(server.resets(oldStream).get(30, TimeUnit.SECONDS))
                            .isEqualTo(RawH2Server.CANCEL);
                    youngStream.body("second\n", true);
                    assertThat(youngResponse.body().string()).isEqualTo("first\nsecond\n");
                    assertThat(server.connections()).isEqualTo(1);
                }
            }
        }
    }

    /** A new list of backends, as discovery brings it, closes streams by the pool's policy. */
    @Test
    void webSocket_ofARemovedBackend_isClosed_andTheNextOneOpensElsewhere() throws Exception {
        try (OpenStream stream = Kind.WEB_SOCKET_H1.start();
                TestBackend b = TestBackend.start("b");
                RecordingPool pool = pool(
                        stream,
                        builder -> builder.drains(DrainPolicy.of(DEADLINE).withCloseAtDeadline(true)))) {
            stream.open(pool, Addressing.STEER);

            pool.registry().replaceAll(List.of(b.backend()));

            assertThat(stream.ended.get(30, TimeUnit.SECONDS)).isNull();
            assertThat(stream.received).contains("closed 1001 backend a: drain deadline passed");
            assertThat(Calls.body(LoadBalancing.attach(new OkHttpClient(), pool), "http://users/x"))
                    .isEqualTo("b");
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
        }
    }

    /** An application that does not answer the close frame keeps no connection. */
    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H1", "H2_TLS"})
    void webSocket_whoseApplicationDoesNotClose_isClosedAllTheSame(Wire wire) throws Exception {
        CompletableFuture<String> seenByServer = new CompletableFuture<>();
        CompletableFuture<Integer> seenByClient = new CompletableFuture<>();
        CompletableFuture<Void> opened = new CompletableFuture<>();
        try (TestBackend a = TestBackend.start("a", wire);
                RecordingPool pool = RecordingPool.of(a)) {
            a.answer(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onClosing(WebSocket webSocket, int code, String reason) {
                            webSocket.close(code, reason);
                        }

                        @Override
                        public void onClosed(WebSocket webSocket, int code, String reason) {
                            seenByServer.complete("closed " + code);
                        }

                        @Override
                        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
                            seenByServer.completeExceptionally(failure);
                        }
                    })
                    .build());
            LoadBalancing.attach(TestBackend.client(wire).build(), pool)
                    .newWebSocket(Calls.get(wire.scheme() + "://users/x"), new WebSocketListener() {
                        @Override
                        public void onOpen(WebSocket webSocket, Response response) {
                            opened.complete(null);
                        }

                        @Override
                        public void onClosing(WebSocket webSocket, int code, String reason) {
                            seenByClient.complete(code);
                        }
                    });
            opened.get(30, TimeUnit.SECONDS);

            DrainReport report = pool.registry()
                    .drain("a", DrainPolicy.of(DEADLINE).withCloseAtDeadline(true))
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(report.isComplete()).isTrue();
            assertThat(seenByClient.get(30, TimeUnit.SECONDS)).isEqualTo(1001);
            assertThat(seenByServer.get(30, TimeUnit.SECONDS)).isEqualTo("closed 1001");
            await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(Outcome.CANCELLED));
        }
    }
}
