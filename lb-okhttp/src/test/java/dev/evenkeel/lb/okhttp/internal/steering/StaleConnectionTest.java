package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
import org.junit.jupiter.params.provider.CsvSource;

/** A POST that meets a kept HTTP/1 connection which the backend has closed. */
@Timeout(60)
class StaleConnectionTest {
    private static final int CALLS = 50;
    private static final HeldCertificate CERTIFICATE = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("127.0.0.1")
            .ecdsa256()
            .build();

    private ClosingServer server;
    private RecordingPool pool;

    @AfterEach
    void close() throws IOException {
        pool.close();
        server.close();
    }

    private OkHttpClient client(boolean tls, Addressing addressing) throws IOException {
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(CERTIFICATE.certificate())
                .build();
        server = new ClosingServer(tls);
        pool = RecordingPool.of(List.of(Backend.builder(server.uri()).id("a").build()));
        return LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .retries(RetryPolicy.none())
                .attach(new OkHttpClient.Builder()
                        .protocols(List.of(Protocol.HTTP_1_1))
                        .sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                        .build());
    }

    private static Request post(boolean tls) {
        return new Request.Builder()
                .url((tls ? "https" : "http") + "://users/x")
                .post(RequestBody.create("body", null))
                .build();
    }

    /** However short a time ago the connection was used. */
    @ParameterizedTest
    @CsvSource({"false, STEER", "false, REWRITE", "true, STEER", "true, REWRITE"})
    void post_afterTheBackendClosedTheConnection_isSentOverANewOne_onceEach(boolean tls, Addressing addressing)
            throws Exception {
        OkHttpClient client = client(tls, addressing);
        for (int i = 0; i < CALLS; i++) {
            assertThat(Calls.body(client, post(tls))).isEqualTo("ok");
            assertThat(server.closed.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(server.requests).hasValue(CALLS);
        assertThat(pool.outcomes()).hasSize(CALLS).containsOnly(Outcome.SUCCESS);
    }

    /** An interceptor of the application that repeats the call keeps its connection meanwhile. */
    @ParameterizedTest
    @CsvSource({"STEER", "REWRITE"})
    void post_thatAnInterceptorRepeats_afterTheBackendClosedTheConnection_isSentOverANewOne(Addressing addressing)
            throws Exception {
        OkHttpClient attached = client(false, addressing);
        OkHttpClient.Builder repeating = attached.newBuilder();
        repeating.interceptors().add(0, chain -> {
            try (Response first = chain.proceed(chain.request())) {
                assertThat(first.body().string()).isEqualTo("ok");
            }
            server.closed.acquireUninterruptibly();
            return chain.proceed(chain.request());
        });
        assertThat(Calls.body(repeating.build(), post(false))).isEqualTo("ok");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
    }

    /** Nothing tells this from a request that was processed before the connection broke: docs/faults.md. */
    @ParameterizedTest
    @CsvSource({"STEER", "REWRITE"})
    void post_thatTheBackendReadBeforeItClosed_isNotSentAgain(Addressing addressing) throws Exception {
        OkHttpClient client = client(false, addressing);
        server.answers = false;
        assertThatThrownBy(() -> Calls.body(client, post(false))).isInstanceOf(IOException.class);
        assertThat(server.requests).hasValue(1);
        assertThat(pool.outcomes()).containsExactly(Outcome.FAILED);
    }

    /** The redirect's request may fail; the first one must not be sent again, since it was processed. */
    @Test
    void post_whoseRedirectMeetsAClosedConnection_isProcessedOnce() throws Exception {
        server = new ClosingServer(false);
        try (TestBackend redirecting = TestBackend.start("redirecting")) {
            redirecting.answer(redirecting
                    .named()
                    .code(303)
                    .setHeader("Location", server.uri() + "/elsewhere")
                    .build());
            pool = RecordingPool.of(redirecting);
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            assertThat(Calls.body(client, server.uri())).isEqualTo("ok");
            server.closed.acquire();
            try {
                Calls.body(client, post(false));
            } catch (IOException e) {
                // Ambiguous, as the page says.
            }
            assertThat(redirecting.requests()).hasSize(1);
        }
    }

    /** Closes each connection after its first request, without saying so in the response. */
    private static final class ClosingServer implements AutoCloseable {
        private final ServerSocket listener;
        private final boolean tls;
        private final ExecutorService threads = Executors.newCachedThreadPool();
        final Semaphore closed = new Semaphore(0);
        final AtomicInteger requests = new AtomicInteger();
        volatile boolean answers = true;

        ClosingServer(boolean tls) throws IOException {
            this.tls = tls;
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            this.listener = tls
                    ? new HandshakeCertificates.Builder()
                            .heldCertificate(CERTIFICATE)
                            .build()
                            .sslContext()
                            .getServerSocketFactory()
                            .createServerSocket(0, 50, loopback)
                    : new ServerSocket(0, 50, loopback);
            threads.execute(this::accept);
        }

        String uri() {
            return (tls ? "https" : "http") + "://127.0.0.1:" + listener.getLocalPort();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    Socket client = listener.accept();
                    threads.execute(() -> serve(client));
                } catch (IOException e) {
                    return; // closed
                }
            }
        }

        private void serve(Socket client) {
            try (client) {
                client.setTcpNoDelay(true);
                InputStream in = new BufferedInputStream(client.getInputStream());
                boolean isPost = in.read() == 'P';
                int ends = 0;
                for (int c = in.read(); c >= 0; c = in.read()) {
                    ends = c == '\n' ? ends + 1 : c == '\r' ? ends : 0;
                    if (ends == 2) {
                        break;
                    }
                }
                in.skipNBytes(isPost ? "body".length() : 0);
                requests.incrementAndGet();
                if (answers) {
                    client.getOutputStream()
                            .write("HTTP/1.1 200 -\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                return; // The client has gone.
            }
            closed.release();
        }

        @Override
        public void close() throws IOException {
            listener.close();
            threads.shutdownNow();
        }
    }
}
