package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawH2Server;
import dev.evenkeel.lb.okhttp.RawServer;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.internal.steering.CloseRace;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPredicate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A POST on a kept connection that ends instead of an answer: it is sent where plain OkHttp sends it, or less often. */
@Timeout(60)
class CloseRaceTest {
    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));
    private static final String URL = "http://users/x";

    private final List<AutoCloseable> open = new ArrayList<>();
    private RecordingPool pool;

    @AfterEach
    void close() throws Exception {
        if (pool != null) {
            pool.close();
        }
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    /** What the backend does to a POST that it has read. */
    private enum Loss {
        CLOSES {
            @Override
            void of(OutputStream out) throws IOException {
                throw new IOException("closes");
            }
        },
        RESETS {
            @Override
            void of(OutputStream out) throws IOException {
                throw new RawServer.Reset();
            }
        },
        CLOSES_IN_MID_HEADERS {
            @Override
            void of(OutputStream out) throws IOException {
                out.write("HTTP/1.1 2".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                throw new IOException("closes");
            }
        },
        RESETS_AFTER_SOME_WORK {
            @Override
            void of(OutputStream out) throws IOException {
                atLeast(2 * CloseRace.MAX_NANOS);
                throw new RawServer.Reset();
            }
        };

        abstract void of(OutputStream out) throws IOException;

        private static void atLeast(long nanos) {
            long startNanos = System.nanoTime();
            CountDownLatch never = new CountDownLatch(1);
            while (System.nanoTime() - startNanos < nanos) {
                try {
                    assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
                } catch (InterruptedException e) {
                    return;
                }
            }
        }
    }

    /** Answers GETs, and POSTs after it has lost some. */
    private final class LosingServer implements RawServer.Handler {
        private final RawServer server = RawServer.start(this);
        private final AtomicInteger posts = new AtomicInteger();
        private final int losses;
        private final Loss loss;

        LosingServer(int losses, Loss loss) throws IOException {
            this.losses = losses;
            this.loss = loss;
            open.add(server);
        }

        Backend backend() {
            return backend("losing");
        }

        Backend backend(String id) {
            return Backend.builder(server.uri()).id(id).build();
        }

        @Override
        public void answer(RawServer.Head head, OutputStream out) throws IOException {
            if (head.method().equals("POST") && posts.incrementAndGet() <= losses) {
                loss.of(out);
            }
            RawServer.write(out, 200, "ok");
        }
    }

    private static Request post(String url) {
        return new Request.Builder().url(url).post(BODY).build();
    }

    private OkHttpClient attach(OkHttpClient plain, Addressing addressing, RetryPolicy retries, Backend... backends) {
        pool = RecordingPool.of(List.of(backends));
        return LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .retries(retries)
                .attach(plain);
    }

    /** Makes a GET so that there is a connection to keep, and a POST. */
    private static void getAndPost(OkHttpClient client, String url) throws IOException {
        assertThat(Calls.body(client, url)).isEqualTo("ok");
        assertThat(Calls.body(client, post(url))).isEqualTo("ok");
    }

    /** A client whose connections a server closes between the look at them and the write of a POST, so many times. */
    private static OkHttpClient racing(ClosingServer server, int times) {
        return new OkHttpClient.Builder()
                .addNetworkInterceptor(chain -> {
                    if (chain.request().method().equals("POST") && server.races.getAndIncrement() < times) {
                        server.closeConnections();
                    }
                    return chain.proceed(chain.request());
                })
                .build();
    }

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void post_thatIsWrittenToAConnectionJustClosed_isSentOnceMoreToTheSameBackend(Addressing addressing)
            throws IOException {
        ClosingServer closing = new ClosingServer();
        open.add(closing);
        getAndPost(attach(racing(closing, 1), addressing, RetryPolicy.none(), closing.backend()), URL);
        assertThat(closing.races).hasValue(2);
        assertThat(closing.posts).hasValue(1);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
    }

    @Test
    void postThatIsLostTwice_fails_andNoOtherBackendGetsIt() throws IOException {
        ClosingServer closing = new ClosingServer();
        open.add(closing);
        assertPostFails(closing.backend(), racing(closing, Integer.MAX_VALUE), RetryPolicy.standard(), BODY);
        assertThat(closing.races).hasValue(2);
        assertThat(closing.posts).hasValue(0);
    }

    /** A connection that is refused says only that the repetition was not processed. */
    @Test
    void postWhoseBackendIsGone_fails_andNoOtherBackendGetsIt() throws IOException {
        ClosingServer closing = new ClosingServer();
        open.add(closing);
        closing.leaves = true;
        assertPostFails(closing.backend(), racing(closing, 1), RetryPolicy.standard(), BODY);
        assertThat(closing.races).hasValue(1);
        assertThat(closing.posts).hasValue(0);
    }

    /** Plain OkHttp sends these again, too: the backend has had the whole request. */
    @ParameterizedTest
    @EnumSource(
            value = Loss.class,
            names = {"CLOSES", "CLOSES_IN_MID_HEADERS", "RESETS", "RESETS_AFTER_SOME_WORK"})
    void postThatTheBackendHasRead_isNotSentAgain_thoughPlainOkHttpSendsIt(Loss loss) throws IOException {
        LosingServer forPlain = new LosingServer(1, loss);
        getAndPost(new OkHttpClient(), forPlain.server.uri());
        assertThat(forPlain.posts).hasValue(2);

        LosingServer server = new LosingServer(1, loss);
        assertPostFails(server.backend(), new OkHttpClient(), RetryPolicy.standard(), BODY);
        assertThat(server.posts).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Loss.class,
            names = {"CLOSES", "CLOSES_IN_MID_HEADERS", "RESETS", "RESETS_AFTER_SOME_WORK"})
    void postThatTheBackendHasRead_isSentOnceMoreToIt_wherePlainOkHttpsRuleIsChosen(Loss loss) throws IOException {
        RetryPolicy asPlain = RetryPolicy.builder()
                .maxAttempts(1)
                .resendOnLostConnection(true)
                .build();
        LosingServer once = new LosingServer(1, loss);
        getAndPost(attach(new OkHttpClient(), Addressing.STEER, asPlain, once.backend()), URL);
        assertThat(once.posts).hasValue(2);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        pool.close();

        LosingServer twice = new LosingServer(2, loss);
        assertPostFails(
                twice.backend(),
                new OkHttpClient(),
                asPlain.toBuilder().maxAttempts(3).build(),
                BODY);
        assertThat(twice.posts).hasValue(2);
    }

    @Test
    void postOfAClientThatRepeatsNothing_isNotSentAgain() throws IOException {
        LosingServer server = new LosingServer(1, Loss.RESETS);
        OkHttpClient plain =
                new OkHttpClient.Builder().retryOnConnectionFailure(false).build();
        assertPostFails(server.backend(), plain, RetryPolicy.standard(), BODY);
        assertThat(server.posts).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void postThatTheRulesForbidToSendAgain_isNotSentAgain(boolean byPredicate) throws IOException {
        LosingServer server = new LosingServer(1, Loss.RESETS);
        RetryPolicy forbids = byPredicate
                ? RetryPolicy.builder()
                        .when(failure -> failure.sent() && failure.attempt() == 1
                                ? RetryPredicate.Verdict.STOP
                                : RetryPredicate.Verdict.UNDECIDED)
                        .build()
                : RetryPolicy.builder().on(RetryPolicy.Cause.NEVER_SENT).build();
        assertPostFails(server.backend(), new OkHttpClient(), forbids, BODY);
        assertThat(server.posts).hasValue(1);
    }

    @Test
    void postWithAOneShotBody_isNotSentAgain() throws IOException {
        LosingServer server = new LosingServer(1, Loss.RESETS);
        assertPostFails(server.backend(), new OkHttpClient(), RetryPolicy.standard(), new OneShot());
        assertThat(server.posts).hasValue(1);
    }

    private void assertPostFails(Backend losing, OkHttpClient plain, RetryPolicy retries, RequestBody body)
            throws IOException {
        LosingServer other = new LosingServer(0, Loss.CLOSES);
        OkHttpClient client = attach(plain, Addressing.STEER, retries, losing, other.backend("other"));
        assertThat(Calls.body(client, URL)).isEqualTo("ok");
        assertThat(Calls.body(client, URL)).isEqualTo("ok");
        Request post = new Request.Builder().url(URL).post(body).build();
        assertThatThrownBy(() -> Calls.body(client, post))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("never sent");
        assertThat(other.posts).hasValue(0);
        assertThat(pool.backends()).containsExactly("losing", "other", "losing");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS, Outcome.FAILED);
    }

    /** What becomes of the second stream of an h2 server. */
    private enum H2Loss {
        CLOSES {
            @Override
            void of(RawH2Server.Stream stream) throws IOException {
                throw new IOException("closes");
            }
        },
        RESETS {
            @Override
            void of(RawH2Server.Stream stream) throws IOException {
                throw new RawServer.Reset();
            }
        },
        RESETS_THE_STREAM {
            @Override
            void of(RawH2Server.Stream stream) throws IOException {
                stream.reset(RawH2Server.CANCEL);
            }
        };

        abstract void of(RawH2Server.Stream stream) throws IOException;
    }

    /** Answers all streams but the second. */
    private static final class LosingH2Handler implements RawH2Server.Handler {
        private final AtomicInteger requests = new AtomicInteger();
        private final H2Loss loss;

        LosingH2Handler(H2Loss loss) {
            this.loss = loss;
        }

        @Override
        public boolean wants(RawH2Server.Stream stream) {
            return true;
        }

        @Override
        public void answer(RawH2Server.Stream stream) throws IOException {
            if (requests.incrementAndGet() == 2) {
                loss.of(stream);
            } else {
                stream.head(200);
                stream.body("ok", true);
            }
        }
    }

    private OkHttpClient attach(LosingH2Handler handler, Addressing addressing, RetryPolicy retries)
            throws IOException {
        RawH2Server server = RawH2Server.start(handler);
        open.add(server);
        return attach(
                TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE).build(),
                addressing,
                retries,
                Backend.builder(server.uri()).id("losing").build());
    }

    /** The server has read the request, and it does not say that it has not processed it. */
    @ParameterizedTest
    @EnumSource(H2Loss.class)
    void h2Post_thatTheBackendHasRead_isNotSentAgain(H2Loss loss) throws IOException {
        LosingH2Handler handler = new LosingH2Handler(loss);
        OkHttpClient client = attach(handler, Addressing.STEER, RetryPolicy.none());
        assertThatThrownBy(() -> getAndPost(client, URL)).isInstanceOf(IOException.class);
        assertThat(handler.requests).hasValue(2);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            value = H2Loss.class,
            names = {"CLOSES", "RESETS"})
    void h2Post_thatIsLostWithItsConnection_isSentOnceMore_wherePlainOkHttpsRuleIsChosen(H2Loss loss)
            throws IOException {
        LosingH2Handler handler = new LosingH2Handler(loss);
        RetryPolicy asPlain = RetryPolicy.builder().resendOnLostConnection(true).build();
        getAndPost(attach(handler, Addressing.STEER, asPlain), URL);
        assertThat(handler.requests).hasValue(3);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
    }

    /** Answers requests, and can close all connections in good order. */
    private static final class ClosingServer implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final AtomicInteger posts = new AtomicInteger();
        /** How many POSTs were about to be written. */
        private final AtomicInteger races = new AtomicInteger();
        /** Of these each had a connection of its own. */
        private final AtomicInteger accepted = new AtomicInteger();
        /** Whether nothing listens any more once connections have been closed. */
        private boolean leaves;

        private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
        private final ExecutorService threads = Executors.newCachedThreadPool();

        ClosingServer() throws IOException {
            threads.execute(this::accept);
        }

        Backend backend() {
            return Backend.builder("http://127.0.0.1:" + listener.getLocalPort())
                    .id("losing")
                    .build();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    Socket socket = listener.accept();
                    sockets.add(socket);
                    accepted.incrementAndGet();
                    threads.execute(() -> serve(socket));
                } catch (IOException e) {
                    return; // closed
                }
            }
        }

        private void serve(Socket socket) {
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    boolean isPost = line.startsWith("POST ");
                    while (!line.isEmpty()) {
                        line = in.readLine();
                    }
                    if (isPost) {
                        assertThat(in.skip("body".length())).isEqualTo("body".length());
                        posts.incrementAndGet();
                    }
                    RawServer.write(socket.getOutputStream(), 200, "ok");
                    socket.getOutputStream().flush();
                }
            } catch (IOException e) {
                // Closed.
            } finally {
                sockets.remove(socket);
            }
        }

        /**
         * Returns when no thread reads any more: until then the system keeps a socket. A client may have connected before the
         * server has heard of it.
         */
        void closeConnections() throws IOException {
            await().until(() -> accepted.get() >= races.get());
            if (leaves) {
                listener.close();
            }
            sockets.forEach(RawServer::closeQuietly);
            await().until(sockets::isEmpty);
        }

        @Override
        public void close() throws IOException {
            listener.close();
            closeConnections();
            threads.shutdownNow();
        }
    }

    private static final class OneShot extends RequestBody {
        @Override
        public MediaType contentType() {
            return null;
        }

        @Override
        public boolean isOneShot() {
            return true;
        }

        @Override
        public long contentLength() {
            return 4;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("once");
        }
    }
}
