package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.RawH2Server;
import dev.evenkeel.lb.okhttp.RawServer;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.UnconnectedSocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.OkHttp;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Canaries: OkHttp itself, without Evenkeel, is made to behave as {@link OkHttpQuirks} says. A failure after an upgrade
 * of OkHttp means that the method named in the message must follow.
 */
@Timeout(60)
class OkHttpQuirksTest {
    private static final HeldCertificate CERTIFICATE = new HeldCertificate.Builder()
            .addSubjectAlternativeName("127.0.0.1")
            .ecdsa256()
            .build();
    private static final Duration FOREVER = Duration.ofMinutes(10);

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        assertThat(Thread.interrupted()).as("the flag is left set").isFalse();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(0, closeable);
        return closeable;
    }

    private MockWebServer server(Protocol... protocols) throws IOException {
        MockWebServer server = opened(new MockWebServer());
        if (protocols.length > 0) {
            server.setProtocols(List.of(protocols));
        }
        server.start(InetAddress.getLoopbackAddress(), 0);
        return server;
    }

    private static String url(MockWebServer server, String scheme) {
        return scheme + "://127.0.0.1:" + server.getPort() + "/";
    }

    private OkHttpClient.Builder client(Protocol... protocols) {
        OkHttpClient.Builder client = new OkHttpClient.Builder().retryOnConnectionFailure(false);
        if (protocols.length > 0) {
            client.protocols(List.of(protocols));
        }
        return client;
    }

    private OkHttpClient built(OkHttpClient.Builder builder) {
        OkHttpClient client = builder.build();
        open.add(() -> {
            client.dispatcher().cancelAll();
            client.connectionPool().evictAll();
            client.dispatcher().executorService().shutdown();
        });
        return client;
    }

    private static IOException failure(OkHttpClient client, String url) {
        return catchThrowableOfType(IOException.class, () -> Calls.body(client, url));
    }

    private static String quirk(String method, Throwable seen) {
        return "OkHttpQuirks." + method + " as of OkHttp 5.5.1; with OkHttp " + OkHttp.VERSION + " there is " + seen;
    }

    // The end of a connection.

    private static void closes(OutputStream out) throws IOException {
        throw new IOException("closes");
    }

    private static void closesInMidLine(OutputStream out) throws IOException {
        out.write("HTTP/1.1 2".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        throw new IOException("closes");
    }

    private static void resets(OutputStream out) throws IOException {
        throw new RawServer.Reset();
    }

    private IOException endOf(RawServer.Handler handler) throws IOException {
        RawServer server = opened(RawServer.start(handler));
        return failure(built(client(Protocol.HTTP_1_1)), server.uri());
    }

    @Test
    void endOfAConnection_isToldFromAResetAndFromAResponseThatHadBegun() throws IOException {
        IOException closed = endOf((head, out) -> closes(out));
        assertThat(OkHttpQuirks.isEndWithoutResponse(closed))
                .as(quirk("isEndWithoutResponse", closed))
                .isTrue();
        assertThat(OkHttpQuirks.isAborted(closed))
                .as(quirk("isAborted", closed))
                .isFalse();

        IOException begun = endOf((head, out) -> closesInMidLine(out));
        assertThat(OkHttpQuirks.isEndWithoutResponse(begun))
                .as(quirk("isEndWithoutResponse", begun))
                .isFalse();

        IOException reset = endOf((head, out) -> resets(out));
        assertThat(OkHttpQuirks.isEndWithoutResponse(reset))
                .as(quirk("isEndWithoutResponse", reset))
                .isFalse();
        assertThat(OkHttpQuirks.isAborted(reset)).as(quirk("isAborted", reset)).isTrue();
        assertThat(OkHttpQuirks.isResetAfterItsEnd(reset))
                .as(quirk("isResetAfterItsEnd", reset))
                .isFalse();
    }

    // HTTP/2.

    @Test
    void refusedStream_isRecognized_andOtherResetsAreNot() throws IOException {
        int cancel = 8;
        MockWebServer server = server(Protocol.H2_PRIOR_KNOWLEDGE);
        server.enqueue(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseStream(RawH2Server.REFUSED_STREAM))
                .build());
        server.enqueue(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseStream(cancel))
                .build());
        OkHttpClient client = built(client(Protocol.H2_PRIOR_KNOWLEDGE));
        IOException refused = failure(client, url(server, "http"));
        assertThat(OkHttpQuirks.isRefusedStream(refused))
                .as(quirk("isRefusedStream", refused))
                .isTrue();
        IOException other = failure(client, url(server, "http"));
        assertThat(other).isNotNull();
        assertThat(OkHttpQuirks.isRefusedStream(other))
                .as(quirk("isRefusedStream", other))
                .isFalse();
    }

    @Test
    void connectionThatIsShutDownBeforeTheWrite_isRecognized() throws Exception {
        Greeter greeter = new Greeter();
        RawH2Server server = opened(RawH2Server.start(greeter));
        CountDownLatch chosen = new CountDownLatch(1);
        CountDownLatch shutDown = new CountDownLatch(1);
        OkHttpClient client = built(client(Protocol.H2_PRIOR_KNOWLEDGE).addNetworkInterceptor(chain -> {
            if (chain.request().method().equals("POST")) {
                chosen.countDown();
                awaitUninterruptibly(shutDown);
            }
            return chain.proceed(chain.request());
        }));
        assertThat(Calls.body(client, server.uri())).isEqualTo("ok");
        CompletableFuture<String> answer = Calls.enqueue(client.newCall(new Request.Builder()
                .url(server.uri())
                .post(RequestBody.create("body", null))
                .build()));
        assertThat(chosen.await(30, TimeUnit.SECONDS)).isTrue();
        greeter.streams.get(0).goAway(true);
        // The client has read the GOAWAY when it opens another connection.
        await().until(() -> Calls.body(client, server.uri()).equals("ok") && greeter.connections.size() == 2);

        shutDown.countDown();

        Throwable failure =
                catchThrowable(() -> answer.get(30, TimeUnit.SECONDS)).getCause();
        assertThat(failure).isInstanceOf(IOException.class);
        assertThat(OkHttpQuirks.isConnectionShutdown((IOException) failure))
                .as(quirk("isConnectionShutdown", failure))
                .isTrue();
    }

    // Interrupts, cancellations and timeouts.

    @ParameterizedTest
    @EnumSource(
            value = Protocol.class,
            names = {"HTTP_1_1", "H2_PRIOR_KNOWLEDGE"})
    void interruptOfAReader_isRecognized_evenWithoutTheFlag(Protocol protocol) throws Exception {
        MockWebServer server = server(protocol);
        server.enqueue(new MockResponse.Builder()
                .body("x".repeat(100_000))
                .throttleBody(1_000, 100, TimeUnit.MILLISECONDS)
                .build());
        OkHttpClient client = built(client(protocol));
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        CountDownLatch reading = new CountDownLatch(1);
        Thread reader = new Thread(() -> {
            Throwable seen = catchThrowable(() -> {
                try (Response response =
                        client.newCall(Calls.get(url(server, "http"))).execute()) {
                    reading.countDown();
                    response.body().string();
                }
            });
            end.complete(Thread.interrupted() ? seen : new AssertionError("the flag is cleared", seen));
        });
        reader.start();
        assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();

        reader.interrupt();

        Throwable seen = end.get(30, TimeUnit.SECONDS);
        assertThat(seen)
                .as(quirk("interrupted", seen))
                .isInstanceOf(InterruptedIOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
        assertThat(OkHttpQuirks.isInterrupt((IOException) seen))
                .as(quirk("isInterrupt", seen))
                .isTrue();
        if (protocol == Protocol.HTTP_1_1) {
            assertThat(OkHttpQuirks.interrupted(null))
                    .as(quirk("interrupted", seen))
                    .hasSameClassAs(seen)
                    .hasMessage(seen.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Protocol.class,
            names = {"HTTP_1_1", "H2_PRIOR_KNOWLEDGE"})
    void timeouts_areNoInterrupts(Protocol protocol) throws IOException {
        MockWebServer server = server(protocol);
        for (int i = 0; i < 2; i++) {
            server.enqueue(new MockResponse.Builder()
                    .headersDelay(FOREVER.toMinutes(), TimeUnit.MINUTES)
                    .build());
        }
        OkHttpClient reads = built(client(protocol).readTimeout(Duration.ofMillis(100)));
        IOException read = failure(reads, url(server, "http"));
        assertThat(read).isInstanceOf(SocketTimeoutException.class);
        assertThat(OkHttpQuirks.isInterrupt(read))
                .as(quirk("isInterrupt", read))
                .isFalse();
        if (protocol == Protocol.H2_PRIOR_KNOWLEDGE) {
            assertThat(OkHttpQuirks.readTimeout())
                    .as(quirk("readTimeout", read))
                    .hasSameClassAs(read)
                    .hasMessage(read.getMessage());
        }
        OkHttpClient calls = built(client(protocol).callTimeout(Duration.ofMillis(100)));
        IOException call = failure(calls, url(server, "http"));
        assertThat(call).isInstanceOf(InterruptedIOException.class);
        assertThat(OkHttpQuirks.isInterrupt(call))
                .as(quirk("isInterrupt", call))
                .isFalse();
    }

    @Test
    void interruptWhileConnecting_isThrownUndeclared_withTheFlagCleared() {
        CountDownLatch closed = new CountDownLatch(1);
        OkHttpClient client = built(client().socketFactory(new Sockets(address -> {
            awaitUninterruptibly(closed);
            throw new IOException("closed while connecting");
        })));
        Thread.currentThread().interrupt();
        Throwable seen = catchThrowable(() -> Calls.body(client, "http://127.0.0.1:1/"));
        closed.countDown();
        assertThat(OkHttpQuirks.isInterruptedConnect(seen))
                .as(quirk("isInterruptedConnect", seen))
                .isTrue();
        assertThat(Thread.interrupted())
                .as(quirk("isInterruptedConnect, the thread's flag", seen))
                .isFalse();
    }

    @Test
    void cancelledCall_hasTheSameExceptionAsOurs() {
        Call call = built(client()).newCall(Calls.get("http://127.0.0.1:1/"));
        call.cancel();
        IOException seen = catchThrowableOfType(IOException.class, call::execute);
        assertThat(OkHttpQuirks.cancelled(null))
                .as(quirk("cancelled", seen))
                .hasSameClassAs(seen)
                .hasMessage(seen.getMessage());
    }

    @Test
    void callTimeout_isToldFromACancellation_byTheThreadAlone() throws Exception {
        MockWebServer server = server();
        for (int i = 0; i < 2; i++) {
            server.enqueue(new MockResponse.Builder()
                    .headersDelay(FOREVER.toMinutes(), TimeUnit.MINUTES)
                    .build());
        }
        List<Boolean> answers = new CopyOnWriteArrayList<>();
        OkHttpClient client = built(client().eventListener(new EventListener() {
            @Override
            public void canceled(Call call) {
                // Had the call begun now, its timeout could not have expired.
                answers.add(OkHttpQuirks.isCallTimeout(call, System.nanoTime()));
            }
        }));
        Call timed = client.newCall(Calls.get(url(server, "http")));
        timed.timeout().timeout(200, TimeUnit.MILLISECONDS);
        IOException seen = catchThrowableOfType(IOException.class, timed::execute);
        // The event comes from the thread that closes the connection, and the caller may hear of that first.
        await().untilAsserted(() ->
                assertThat(answers).as(quirk("isCallTimeout", seen)).containsExactly(true));

        Call cancelled = client.newCall(Calls.get(url(server, "http")));
        cancelled.timeout().timeout(FOREVER.toMinutes(), TimeUnit.MINUTES);
        CompletableFuture<String> end = Calls.enqueue(cancelled);
        server.takeRequest();
        server.takeRequest();
        cancelled.cancel();
        assertThat(catchThrowable(() -> end.get(30, TimeUnit.SECONDS))).isNotNull();
        assertThat(answers).as(quirk("isCallTimeout", seen)).containsExactly(true, false);
    }

    // Failures that mean less, or more, than they seem to.

    /** The complaint depends on which of the client's threads closes first: hence several WebSockets. */
    @Test
    void webSocketThatHasExchangedItsCloseFrames_endsWithAHastyCloseAtMost() throws Exception {
        MockWebServer server = server(Protocol.HTTP_1_1);
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(CERTIFICATE)
                .build()
                .sslSocketFactory());
        List<IOException> failures = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 50 && failures.isEmpty(); i++) {
            closeWebSocket(server, failures);
        }
        assertThat(failures).as(quirk("isHastyClose", null)).isNotEmpty().allMatch(OkHttpQuirks::isHastyClose);
    }

    /** Both say that the socket is closed; only the close is harmless. */
    @Test
    void hastyClose_isAFailedClose_notAFailedRead() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
            InputStream input = socket.getInputStream();
            socket.close();

            assertThat(OkHttpQuirks.isHastyClose(catchThrowableOfType(IOException.class, socket::shutdownInput)))
                    .isTrue();
            assertThat(OkHttpQuirks.isHastyClose(catchThrowableOfType(IOException.class, input::read)))
                    .isFalse();
        }
    }

    private void closeWebSocket(MockWebServer server, List<IOException> failures) throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        EventListener events = new EventListener() {
            @Override
            public void responseFailed(Call call, IOException ioe) {
                failures.add(ioe);
            }

            @Override
            public void callEnd(Call call) {
                ended.complete(null);
            }

            @Override
            public void callFailed(Call call, IOException ioe) {
                ended.complete(null);
            }
        };
        // A WebSocket's call has the client's interceptors, and not its event listener.
        OkHttpClient client = built(trusting(client(Protocol.HTTP_1_1)).addInterceptor(chain -> {
            chain.call().addEventListener(events);
            return chain.proceed(chain.request());
        }));
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket webSocket, Response response) {
                        webSocket.close(1000, null);
                    }

                    @Override
                    public void onClosing(WebSocket webSocket, int code, String reason) {
                        // Its close_notify comes later than the client's close.
                        ended.orTimeout(30, TimeUnit.SECONDS)
                                .exceptionally(e -> null)
                                .join();
                    }
                })
                .build());
        client.newWebSocket(Calls.get(url(server, "https")), new WebSocketListener() {
            @Override
            public void onClosing(WebSocket webSocket, int code, String reason) {
                webSocket.close(code, reason);
            }
        });
        ended.get(30, TimeUnit.SECONDS);
    }

    @Test
    void noContentWithABody_isAProtocolException_withoutAnEvent() throws IOException {
        MockWebServer server = server();
        server.enqueue(new MockResponse.Builder()
                .code(204)
                .setHeader("Content-Length", "5")
                .build());
        List<IOException> events = new CopyOnWriteArrayList<>();
        OkHttpClient client = built(client().eventListener(new EventListener() {
            @Override
            public void responseFailed(Call call, IOException ioe) {
                events.add(ioe);
            }
        }));
        IOException seen = failure(client, url(server, "http"));
        assertThat(seen).as(quirk("isUnreportedViolation", seen)).isInstanceOf(ProtocolException.class);
        assertThat(OkHttpQuirks.isUnreportedViolation(seen)).isTrue();
        assertThat(events).as(quirk("isUnreportedViolation, its event", seen)).isEmpty();
    }

    @Test
    void refusedConnection_namesTheUrlsHost_andItsCauseDoesNot() throws IOException {
        int port = URI.create(opened(RefusingPort.open("a")).uri()).getPort();
        OkHttpClient client =
                built(client().dns(host -> List.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}))));
        IOException seen = failure(client, "http://logical.test:" + port + "/");
        assertThat(seen)
                .as(quirk("connectFailure", seen))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("logical.test");
        assertThat(OkHttpQuirks.connectFailure(seen))
                .as(quirk("connectFailure", seen))
                .isInstanceOf(ConnectException.class)
                .isNotSameAs(seen)
                .message()
                .isNotBlank()
                .doesNotContain("logical.test");
    }

    @Test
    void certificateForAnotherName_isRecognized() throws IOException {
        MockWebServer server = server();
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(CERTIFICATE)
                .build()
                .sslSocketFactory());
        OkHttpClient client = built(trusting(client()).dns(host -> List.of(InetAddress.getLoopbackAddress())));
        IOException seen = failure(client, "https://logical.test:" + server.getPort() + "/");
        assertThat(OkHttpQuirks.isNameMismatch(seen))
                .as(quirk("isNameMismatch", seen))
                .isTrue();
    }

    @Test
    void failuresOfTheLaterAddresses_areSuppressedInTheFirst() {
        AtomicInteger number = new AtomicInteger();
        OkHttpClient client = built(client().retryOnConnectionFailure(true)
                .dns(host -> List.of(
                        InetAddress.getByName("127.0.0.1"),
                        InetAddress.getByName("127.0.0.2"),
                        InetAddress.getByName("127.0.0.3")))
                .socketFactory(new Sockets(address -> {
                    throw number.getAndIncrement() == 1 ? new OurException() : new IOException("not ours");
                })));
        IOException seen = failure(client, "http://logical.test:1/");
        assertThat(number).as(quirk("find, the addresses tried", seen)).hasValue(3);
        assertThat(OkHttpQuirks.find(OurException.class, seen))
                .as(quirk("find", seen))
                .isNotNull();
    }

    private static OkHttpClient.Builder trusting(OkHttpClient.Builder client) {
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(CERTIFICATE.certificate())
                .build();
        return client.sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class OurException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Answers every request. */
    private static final class Greeter implements RawH2Server.Handler {
        final List<RawH2Server.Stream> streams = new CopyOnWriteArrayList<>();
        final Set<Object> connections = ConcurrentHashMap.newKeySet();

        @Override
        public boolean wants(RawH2Server.Stream stream) {
            streams.add(stream);
            connections.add(stream.connection());
            return true;
        }

        @Override
        public void answer(RawH2Server.Stream stream) throws IOException {
            stream.head(200);
            stream.body("ok", true);
        }
    }

    private interface Connecting {
        void to(SocketAddress address) throws IOException;
    }

    /** Sockets whose connect is the test's. */
    private static final class Sockets extends UnconnectedSocketFactory {
        private final Connecting connecting;

        Sockets(Connecting connecting) {
            this.connecting = connecting;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
                    connecting.to(endpoint);
                }
            };
        }
    }

    @Test
    void limits_ofAConnectionPool_areReadFromItsFields() {
        assertThat(OkHttpQuirks.limits(new ConnectionPool()))
                .as("OkHttp's defaults, or the fields of its pool, have changed: see OkHttpQuirks.limits")
                .contains(OkHttpQuirks.PoolLimits.DEFAULT);
        assertThat(OkHttpQuirks.limits(new ConnectionPool(7, 3, TimeUnit.SECONDS)))
                .contains(new OkHttpQuirks.PoolLimits(7, Duration.ofSeconds(3)));
    }
}
