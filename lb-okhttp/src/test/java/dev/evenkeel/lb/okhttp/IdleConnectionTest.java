package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** POSTs and GETs over connections that have been idle almost as long as the backend keeps them. */
@Timeout(60)
class IdleConnectionTest {
    private static final HeldCertificate CERTIFICATE = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .ecdsa256()
            .build();
    private static final HandshakeCertificates TRUST = new HandshakeCertificates.Builder()
            .heldCertificate(CERTIFICATE)
            .addTrustedCertificate(CERTIFICATE.certificate())
            .build();

    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicLong nowNanos = new AtomicLong(1);
    /** Sockets are closed after it. */
    private volatile CountDownLatch callsHaveEnded = new CountDownLatch(0);
    /** Failed calls end after it. */
    private volatile CountDownLatch socketIsClosed = new CountDownLatch(0);

    private RecordingPool pool;
    private OkHttpClient client;
    private String url = "http://users/x";

    @AfterEach
    void close() throws Exception {
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
        pool.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private void attach(String uri, Protocol protocol) {
        pool = RecordingPool.of(List.of(Backend.builder(uri).id("a").build()));
        List<Protocol> protocols =
                protocol == Protocol.HTTP_2 ? List.of(protocol, Protocol.HTTP_1_1) : List.of(protocol);
        client = LoadBalancing.builder()
                .pools(pool)
                .retries(RetryPolicy.none())
                .connections(
                        ConnectionPolicy.builder().timeSource(nowNanos::get).build())
                .attach(new OkHttpClient.Builder()
                        .protocols(protocols)
                        .sslSocketFactory(TRUST.sslSocketFactory(), TRUST.trustManager())
                        .socketFactory(new CountingSockets())
                        .addNetworkInterceptor(this::endAfterTheSocket)
                        .eventListener(new EventListener() {
                            @Override
                            public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
                                connections.incrementAndGet();
                            }
                        })
                        .build());
    }

    private Response endAfterTheSocket(Interceptor.Chain chain) throws IOException {
        try {
            return chain.proceed(chain.request());
        } catch (IOException e) {
            awaitUninterruptibly(socketIsClosed);
            throw e;
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Counts the sockets that the client has closed. */
    private final class CountingSockets extends UnconnectedSocketFactory {
        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void close() throws IOException {
                    if (!isClosed()) {
                        closed.incrementAndGet();
                    }
                    super.close();
                    socketIsClosed.countDown();
                }

                /** What OkHttp calls between the end of the streams and the close. */
                @Override
                public void shutdownOutput() throws IOException {
                    awaitUninterruptibly(callsHaveEnded);
                    super.shutdownOutput();
                }
            };
        }
    }

    private void idle(Duration duration) {
        nowNanos.addAndGet(duration.toNanos());
    }

    private void post() throws IOException {
        Request post = new Request.Builder()
                .url(url)
                .post(RequestBody.create("body", null))
                .build();
        assertThat(Calls.body(client, post)).isEqualTo("ok");
    }

    private void get() throws IOException {
        assertThat(Calls.body(client, url)).isEqualTo("ok");
    }

    private void attachToServerThatAnnounces(String keepAlive, boolean tls) throws IOException {
        MockWebServer server = new MockWebServer();
        open.add(server);
        if (tls) {
            server.useHttps(TRUST.sslSocketFactory());
            server.setProtocols(List.of(Protocol.HTTP_1_1));
            url = "https://users/x";
        }
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .setHeader("Keep-Alive", keepAlive)
                        .body("ok")
                        .build();
            }
        });
        server.start();
        attach((tls ? "https" : "http") + "://127.0.0.1:" + server.getPort(), Protocol.HTTP_1_1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void post_afterAlmostTheTimeThatTheBackendAnnounces_getsAConnectionOfItsOwn(boolean tls) throws IOException {
        attachToServerThatAnnounces("timeout=60, max=1000", tls);
        post();
        idle(Duration.ofSeconds(58));
        post();
        assertThat(connections).hasValue(1);
        idle(Duration.ofMillis(59_500));
        post();
        assertThat(connections).hasValue(2);
        assertThat(pool.completions()).hasSize(3);
    }

    /** OkHttp sends it again if the connection has ended. */
    @Test
    void get_afterAlmostTheTimeThatTheBackendAnnounces_usesTheKeptConnection() throws IOException {
        attachToServerThatAnnounces("timeout=60", false);
        post();
        idle(Duration.ofMillis(59_500));
        get();
        assertThat(connections).hasValue(1);
    }

    @Test
    void backendThatAnnouncesNothing_getsPostsOverKeptConnections() throws IOException {
        attachToServerThatAnnounces("max=1000", false);
        for (int i = 0; i < 3; i++) {
            post();
            idle(Duration.ofHours(1));
        }
        assertThat(connections).hasValue(1);
    }

    /** Each connection has had a call when the POST comes: only the one that it found first is given up for it. */
    @Test
    void post_thatFindsManyIdleConnections_givesUpOne() throws Exception {
        attachToServerThatAnnounces("timeout=60", false);
        CountDownLatch together = new CountDownLatch(4);
        OkHttpClient parallel = client.newBuilder()
                .addNetworkInterceptor(chain -> {
                    together.countDown();
                    try {
                        assertThat(together.await(30, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return chain.proceed(chain.request());
                })
                .build();
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(parallel.newCall(new Request.Builder()
                    .url(url)
                    .post(RequestBody.create("body", null))
                    .build()));
        }
        for (var answer : calls.stream().map(Calls::enqueue).toList()) {
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
        }
        assertThat(connections).hasValue(4);
        idle(Duration.ofMillis(59_500));
        post();
        assertThat(connections).hasValue(5);
        await().until(() -> client.connectionPool().connectionCount() == 4);
    }

    /** Answers streams, and ends a connection when it is told to, without a word before it. */
    private static final class EndingHandler implements RawH2Server.Handler {
        private final Queue<RawH2Server.Stream> streams = new ConcurrentLinkedQueue<>();
        private volatile boolean losesNext;

        @Override
        public boolean wants(RawH2Server.Stream stream) {
            return true;
        }

        @Override
        public void answer(RawH2Server.Stream stream) throws IOException {
            if (losesNext) {
                losesNext = false;
                stream.closeConnection();
                return;
            }
            streams.add(stream);
            stream.head(200);
            stream.body("ok", true);
        }

        /** Ends the connection of the next stream instead of an answer. */
        void loseNext() {
            losesNext = true;
        }

        void endConnections() throws IOException {
            for (RawH2Server.Stream stream = streams.poll(); stream != null; stream = streams.poll()) {
                stream.closeConnection();
            }
        }
    }

    private EndingHandler attachToH2Server() throws IOException {
        EndingHandler handler = new EndingHandler();
        RawH2Server server = RawH2Server.start(handler);
        open.add(server);
        attach(server.uri(), Protocol.H2_PRIOR_KNOWLEDGE);
        return handler;
    }

    /** The client learns it from the first connection that ends. */
    @Test
    void h2Post_afterAlmostTheTimeThatTheBackendKeepsConnections_getsANewConnection() throws Exception {
        EndingHandler handler = attachToH2Server();
        post();
        idle(Duration.ofSeconds(60));
        handler.endConnections();
        await().until(() -> closed.get() == 1);
        post();
        assertThat(connections).hasValue(2);

        idle(Duration.ofSeconds(58));
        post();
        assertThat(connections).hasValue(2);

        idle(Duration.ofMillis(59_500));
        get();
        assertThat(connections).hasValue(2);

        idle(Duration.ofMillis(59_500));
        post();
        assertThat(connections).hasValue(3);
        await().until(() -> closed.get() == 2);
    }

    /** The POST that meets the end teaches the client, whether it learns of the end before the socket is closed or after. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void h2Post_afterAnotherMetTheEndOfAnIdleConnection_getsANewConnection(boolean callEndsFirst) throws Exception {
        EndingHandler handler = attachToH2Server();
        post();
        idle(Duration.ofSeconds(60));
        handler.loseNext();
        CountDownLatch later = new CountDownLatch(1);
        if (callEndsFirst) {
            callsHaveEnded = later;
        } else {
            socketIsClosed = later;
        }
        assertThatThrownBy(this::post).hasMessageContaining("CANCEL");
        later.countDown();
        await().until(() -> closed.get() == 1);
        post();
        assertThat(connections).hasValue(2);
        idle(Duration.ofMillis(59_500));
        post();
        assertThat(connections).hasValue(3);
    }

    /** The connection is not idle, however long ago the last answer came. */
    @Test
    void h2Post_whileAnotherCallIsUnderWay_usesItsConnection() throws Exception {
        EndingHandler handler = attachToH2Server();
        post();
        idle(Duration.ofSeconds(60));
        handler.endConnections();
        await().until(() -> closed.get() == 1);
        post();
        try (Response underWay = client.newCall(Calls.get(url)).execute()) {
            idle(Duration.ofMillis(59_500));
            post();
            assertThat(underWay.body().string()).isEqualTo("ok");
        }
        assertThat(connections).hasValue(2);
    }

    /** A backend that was stopped has closed its connections, and the one in its place keeps them for longer. */
    @Test
    void h2Posts_whoseConnectionsDoNotEnd_useKeptOnesAgainAfterSomeTime() throws Exception {
        EndingHandler handler = attachToH2Server();
        post();
        idle(Duration.ofMillis(20));
        handler.endConnections();
        await().until(() -> closed.get() == 1);
        for (int i = 0; i < 100; i++) {
            post();
            idle(Duration.ofMillis(19));
        }
        assertThat(connections).hasValue(1 + 8);
    }
}
