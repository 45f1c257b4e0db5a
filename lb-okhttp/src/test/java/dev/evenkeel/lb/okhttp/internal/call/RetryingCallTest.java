package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawServer;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes to another backend after which failure, and what does not. */
class RetryingCallTest {
    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));

    private final List<TestBackend> backends = new ArrayList<>();
    private final List<RefusingPort> refusing = new ArrayList<>();
    private RecordingPool pool;
    private OkHttpClient client;
    private Wire wire = Wire.H1;

    @AfterEach
    void close() throws IOException {
        if (client != null) {
            client.dispatcher().cancelAll();
            client.connectionPool().evictAll();
        }
        if (pool != null) {
            pool.close();
        }
        backends.forEach(TestBackend::close);
        for (RefusingPort port : refusing) {
            port.close();
        }
    }

    private TestBackend start(String name) {
        TestBackend backend = TestBackend.start(name, wire);
        backends.add(backend);
        return backend;
    }

    private void attach(Backend... members) {
        pool = RecordingPool.of(List.of(members));
        client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
    }

    private Backend refusing(String id) throws IOException {
        RefusingPort port = RefusingPort.open(id);
        refusing.add(port);
        return port.backend();
    }

    private Request.Builder request() {
        return new Request.Builder().url(wire.scheme() + "://users/x");
    }

    private String call(Request.Builder request) throws IOException {
        try (Response response = client.newCall(request.build()).execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    /** The first backend fails; the call succeeds at the second. */
    private void assertGoesElsewhere(Request.Builder request, Outcome first) throws IOException {
        assertThat(call(request)).isEqualTo("200 up");
        assertThat(pool.outcomes()).containsExactly(first, Outcome.SUCCESS);
        assertThat(pool.completions()).allMatch(RecordingPool.Completion::first);
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void refusedConnection_goesElsewhere_whateverTheMethodAndTheBody() throws IOException {
        attach(refusing("down"), start("up").backend());
        assertGoesElsewhere(request().post(oneShot()), Outcome.NEVER_SENT);
        assertThat(backends.get(0).requests()).allMatch(r -> r.getBody().utf8().equals("once"));
    }

    /** Half of a fleet can be gone at once, and refusing costs nobody anything. */
    @Test
    void refusedConnections_doNotCount_upToThree() throws IOException {
        attach(refusing("1"), refusing("2"), refusing("3"), start("up").backend());
        assertThat(call(request())).isEqualTo("200 up");
        assertThat(pool.outcomes())
                .containsExactly(Outcome.NEVER_SENT, Outcome.NEVER_SENT, Outcome.NEVER_SENT, Outcome.SUCCESS);
    }

    /** OkHttp repeats by itself what breaks on an open connection, and is refused then: still nobody is there. */
    @Test
    void refusedConnections_behindBrokenOnes_doNotCountEither() throws IOException {
        List<RawServer> dying = new ArrayList<>();
        Backend[] members = new Backend[4];
        AtomicInteger requests = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            dying.add(RawServer.start((head, out) -> {
                if (requests.incrementAndGet() <= 3) {
                    RawServer.write(out, 503, "not yet");
                } else {
                    dying.get(requests.get() - 4).kill();
                    throw new RawServer.Reset();
                }
            }));
            members[i] = Backend.of(dying.get(i).uri());
        }
        members[3] = start("up").backend();
        attach(members);
        assertThat(call(request())).isEqualTo("503 not yet");
        assertThat(call(request())).isEqualTo("200 up");

        assertThat(call(request())).isEqualTo("200 up");
        assertThat(requests).hasValue(6);
    }

    @Test
    void refusedConnections_moreThanThat_endTheCall() throws IOException {
        Backend[] members = new Backend[8];
        for (int i = 0; i < 7; i++) {
            members[i] = refusing("down-" + i);
        }
        members[7] = start("up").backend();
        attach(members);
        assertThatThrownBy(() -> call(request())).hasMessageContaining("failed after 6 attempts");
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void tlsFailure_goesElsewhere_whateverTheMethod() throws IOException {
        wire = Wire.H2_TLS;
        TestBackend stranger = TestBackend.start(
                "stranger",
                wire,
                new okhttp3.tls.HeldCertificate.Builder()
                        .addSubjectAlternativeName("users")
                        .build());
        backends.add(stranger);
        attach(stranger.backend(), start("up").backend());
        assertGoesElsewhere(request().post(BODY), Outcome.NEVER_SENT);
        assertThat(stranger.requests()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void getThatTimesOut_goesElsewhere(Wire wire) throws IOException {
        this.wire = wire;
        TestBackend slow = start("slow");
        slow.answer(slow.named().headersDelay(1, TimeUnit.MINUTES).build());
        attach(slow.backend(), start("up").backend());
        client = client.newBuilder().readTimeout(Duration.ofMillis(150)).build();
        assertGoesElsewhere(request(), Outcome.TIMED_OUT);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void postThatTimesOut_isNotSentAgain(Wire wire) {
        this.wire = wire;
        TestBackend slow = start("slow");
        slow.answer(slow.named().headersDelay(1, TimeUnit.MINUTES).build());
        attach(slow.backend());
        client = client.newBuilder().readTimeout(Duration.ofMillis(150)).build();
        assertThatThrownBy(() -> call(request().post(BODY)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageStartingWith("pool \"users\" failed after 1 attempt: slow (" + slow.uri() + "): ");
        assertThat(slow.requests()).hasSize(1);
        assertThat(pool.outcomes()).containsExactly(Outcome.TIMED_OUT);
    }

    @Test
    void postThatIsCutOff_isNeverProcessedTwice() throws IOException {
        TestBackend cutting = start("cutting");
        TestBackend up = start("up");
        attach(cutting.backend(), up.backend());
        // Pooled connections, over which OkHttp itself would repeat the request.
        assertThat(call(request())).isEqualTo("200 cutting");
        assertThat(call(request())).isEqualTo("200 up");
        cutting.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());

        assertThatThrownBy(() -> call(request().post(BODY))).isInstanceOf(IOException.class);

        assertThat(cutting.requests()).hasSize(2);
        assertThat(up.requests()).hasSize(1);
    }

    @Test
    void postWithIdempotencyKey_isSentElsewhere() throws IOException {
        TestBackend cutting = start("cutting");
        cutting.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        attach(cutting.backend(), start("up").backend());
        assertGoesElsewhere(request().post(BODY).header("Idempotency-Key", "1"), Outcome.FAILED);
    }

    @Test
    void idempotentOneShotBody_isNotSentAgain() {
        TestBackend cutting = start("cutting");
        TestBackend other = start("other");
        cutting.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        other.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        attach(cutting.backend(), other.backend());
        assertThatThrownBy(() -> call(request().put(oneShot()))).isInstanceOf(IOException.class);
        assertThat(pool.outcomes()).containsExactly(Outcome.FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H2_TLS", "H2_PRIOR_KNOWLEDGE"})
    void refusedStream_goesElsewhere_evenWithPost(Wire wire) throws IOException {
        this.wire = wire;
        TestBackend refusing = start("refusing");
        refusing.peek(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseStream(7))
                .build());
        attach(refusing.backend(), start("up").backend());
        assertGoesElsewhere(request().post(BODY), Outcome.THROTTLED);
        assertThat(refusing.requests()).isEmpty();
    }

    @Test
    void refusedStream_ofTheOnlyBackend_isRepeatedThere() throws IOException {
        wire = Wire.H2_TLS;
        TestBackend refusing = start("refusing");
        refusing.peek(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseStream(7))
                .build());
        attach(refusing.backend());
        assertThatThrownBy(() -> call(request().post(BODY)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("failed after 3 attempts");
        assertThat(pool.outcomes()).containsOnly(Outcome.THROTTLED).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void badStatus_ofAnIdempotentRequest_goesElsewhere(int code) throws IOException {
        TestBackend bad = start("bad");
        bad.answer(bad.named().code(code).body("x".repeat(100_000)).build());
        attach(bad.backend(), start("up").backend());
        assertGoesElsewhere(
                request(),
                switch (code) {
                    case 429 -> Outcome.THROTTLED;
                    case 500 -> Outcome.SERVER_ERROR;
                    default -> Outcome.GATEWAY_ERROR;
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 409, 412, 422, 501, 505})
    void statusThatSaysWhatEveryBackendWouldSay_isHandedOut(int code) throws IOException {
        TestBackend bad = start("bad");
        bad.answer(bad.named().code(code).build());
        attach(bad.backend(), start("up").backend());
        assertThat(call(request())).isEqualTo(code + " bad");
    }

    private static Stream<Arguments> wiresAndStatuses() {
        return Stream.of(Wire.values())
                .flatMap(wire -> Stream.of(429, 500, 503).map(status -> Arguments.of(wire, status)));
    }

    @ParameterizedTest
    @MethodSource("wiresAndStatuses")
    void badStatus_ofTheLastBackend_isReturnedUnread(Wire wire, int code) throws IOException {
        this.wire = wire;
        TestBackend one = start("one");
        TestBackend two = start("two");
        one.answer(one.named().code(code).build());
        two.answer(two.named().code(code).build());
        attach(one.backend(), two.backend());
        assertThat(call(request())).isEqualTo(code + " two");
        assertThat(pool.backends()).containsExactlyInAnyOrder("one", "two");
        assertThat(one.requests()).hasSize(1);
        assertThat(two.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void badStatus_ofAPost_isReturned(int code) throws IOException {
        TestBackend bad = start("bad");
        bad.answer(bad.named().code(code).build());
        TestBackend up = start("up");
        attach(bad.backend(), up.backend());
        assertThat(call(request().post(BODY))).isEqualTo(code + " bad");
        assertThat(bad.requests()).hasSize(1);
        assertThat(up.requests()).isEmpty();
    }

    @Test
    void failures_everywhere_areReportedWithEachBackendsRealAddress() throws IOException {
        Backend one = refusing("one");
        Backend two = refusing("two");
        attach(one, two);
        ConnectException e = catchThrowableOfType(
                ConnectException.class, () -> call(request().post(BODY)));
        assertThat(e)
                .hasMessageStartingWith("pool \"users\" failed after 2 attempts: ")
                .hasMessageContaining("one (" + one.uri() + "): Connection refused (never sent)")
                .hasMessageContaining("two (" + two.uri() + "): Connection refused (never sent)");
        assertThat(e.getCause()).isInstanceOf(ConnectException.class);
        assertThat(e.getSuppressed())
                .singleElement()
                .isInstanceOf(ConnectException.class)
                .asString()
                .isEqualTo("java.net.ConnectException: one (" + one.uri() + "): Connection refused (never sent)");
        CallTrace trace = LoadBalancing.trace(e).orElseThrow();
        assertThat(trace.pool()).isEqualTo("users");
        assertThat(trace.attempts())
                .extracting(CallTrace.AttemptTrace::outcome)
                .containsExactly(Outcome.NEVER_SENT, Outcome.NEVER_SENT);
    }

    @Test
    void failure_withoutAnotherBackend_saysWhatKeepsTheOthersOut() throws IOException {
        attach(refusing("one"), refusing("two"), refusing("three"));
        pool.registry().maintenance("two");
        pool.registry().maintenance("three");
        assertThatThrownBy(() -> call(request()))
                .hasMessageEndingWith("(never sent); other backends: 2 in maintenance");
    }

    @Test
    void interrupt_whileConnecting_endsTheCallAndLeavesNothingInFlight() throws Exception {
        attach(
                Backend.builder("http://replica.internal:80").id("a").build(),
                start("up").backend());
        CountDownLatch connecting = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        client = client.newBuilder()
                .dns(host -> List.of(InetAddress.getByName("127.0.0.1")))
                .socketFactory(new BlockingSockets(connecting, released))
                .build();
        Thread caller = new Thread(() -> {
            try {
                call(request());
            } catch (Exception e) {
                // Whatever OkHttp makes of it.
            }
        });
        caller.start();
        connecting.await();
        caller.interrupt();
        caller.join();
        released.countDown();
        assertThat(pool.outcomes()).hasSize(1).allMatch(Outcome::isNeutral);
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void attempts_areLimited() throws IOException {
        pool = RecordingPool.of(List.of(refusing("a"), refusing("b"), refusing("c"), refusing("d")));
        client = LoadBalancing.builder().pools(pool).maxAttempts(2).attach(new OkHttpClient());
        assertThatThrownBy(() -> call(request())).hasMessageContaining("failed after 2 attempts");
        assertThat(pool.backends()).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void pool_withoutBackends_failsAtOnceWithItsReason() {
        attach();
        assertThatThrownBy(() -> call(request()))
                .isInstanceOf(NoBackendAvailableException.class)
                .hasMessage("pool \"users\" has no backend available: it has no backends");
    }

    @Test
    void retryOnConnectionFailureOff_leavesOnlyWhatWasNeverSent() throws IOException {
        TestBackend cutting = start("cutting");
        cutting.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        attach(refusing("down"), cutting.backend());
        client = client.newBuilder().retryOnConnectionFailure(false).build();
        assertThatThrownBy(() -> call(request())).isInstanceOf(IOException.class);
        assertThat(pool.outcomes()).containsExactly(Outcome.NEVER_SENT, Outcome.FAILED);
    }

    @Test
    void cancelledCall_startsNoFurtherAttempt() throws IOException {
        TestBackend one = start("one");
        TestBackend two = start("two");
        attach(one.backend(), two.backend());
        AtomicInteger requests = new AtomicInteger();
        Call call = client.newCall(request().build());
        for (TestBackend backend : List.of(one, two)) {
            backend.answer(request -> {
                requests.incrementAndGet();
                call.cancel();
                return backend.named().code(503).build();
            });
        }
        assertThatThrownBy(call::execute).isInstanceOf(IOException.class);
        assertThat(requests).hasValue(1);
        // The thread that cancels ends the attempt, perhaps a moment after the call has thrown.
        await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(Outcome.CANCELLED));
    }

    @Test
    void trace_ofAResponse_tellsEachAttempt() throws IOException {
        attach(refusing("down"), start("up").backend());
        Call call = client.newCall(request().build());
        try (Response response = call.execute()) {
            CallTrace trace = LoadBalancing.trace(response).orElseThrow();
            assertThat(trace.attempts().get(0).backend().id()).isEqualTo("down");
            assertThat(trace.attempts().get(0).outcome()).isEqualTo(Outcome.NEVER_SENT);
            assertThat(trace.attempts().get(0).reason()).isEqualTo("Connection refused (never sent)");
            assertThat(trace.attempts().get(1).outcome()).isNull();

            response.body().string();

            CallTrace.AttemptTrace last =
                    LoadBalancing.trace(response).orElseThrow().attempts().get(1);
            assertThat(last.outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(last.reason()).isEqualTo("HTTP 200");
            assertThat(LoadBalancing.trace(call)).isEqualTo(LoadBalancing.trace(response));
        }
    }

    /** Sockets whose connect hangs. */
    private static final class BlockingSockets extends javax.net.SocketFactory {
        private final CountDownLatch connecting;
        private final CountDownLatch released;

        BlockingSockets(CountDownLatch connecting, CountDownLatch released) {
            this.connecting = connecting;
            this.released = released;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
                    connecting.countDown();
                    try {
                        released.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    throw new IOException("released");
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }
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
}
