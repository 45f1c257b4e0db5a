package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Dns;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again beneath an attempt, and what is not; what HTTP/2 refuses is in {@link TransparentRetriesTest}. */
@Timeout(60)
class AttemptSenderTest {
    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));

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

    private TestBackend start(String name) {
        TestBackend backend = TestBackend.start(name);
        open.add(backend);
        return backend;
    }

    private OkHttpClient attach(Addressing addressing, TestBackend... backends) {
        pool = RecordingPool.of(backends);
        return LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .attach(TestBackend.client(Wire.H1).build());
    }

    private static Request request(String method) {
        return new Request.Builder()
                .url("http://users/x")
                .method(method, method.equals("GET") ? null : BODY)
                .build();
    }

    private static String call(OkHttpClient client, String method) throws IOException {
        try (Response response = client.newCall(request(method)).execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    // One attempt is one request, however many addresses the backend's name has.

    /** Accepts on every address of loopback, reads a request, and resets the connection. */
    private final class Resetting implements AutoCloseable, Runnable {
        private final ServerSocket server = new ServerSocket(0, 200);
        private final AtomicInteger requests = new AtomicInteger();

        Resetting() throws IOException {
            Thread thread = new Thread(this, "resetting");
            thread.setDaemon(true);
            thread.start();
            open.add(this);
        }

        @Override
        public void run() {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    if (socket.getInputStream().read(new byte[2_000]) > 0) {
                        requests.incrementAndGet();
                    }
                    socket.setSoLinger(true, 0);
                } catch (IOException e) {
                    // The next one.
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static Dns tenAddressesEach() {
        return name -> {
            List<InetAddress> ten = new ArrayList<>();
            for (int i = 1; i <= 10; i++) {
                ten.add(InetAddress.getByAddress(new byte[] {127, 0, (byte) name.charAt(0), (byte) i}));
            }
            return ten;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "STEER, GET, 3",
        "REWRITE, GET, 3",
        "STEER, PUT, 3",
        "REWRITE, PUT, 3",
        "STEER, POST, 1",
        "REWRITE, POST, 1"
    })
    void backendsOfTenAddresses_getOneRequestAnAttempt(Addressing addressing, String method, int requests)
            throws IOException {
        Resetting servers = new Resetting();
        int port = servers.server.getLocalPort();
        pool = new RecordingPool(LoadBalancers.builder("users")
                .backends("http://a.test:" + port, "http://b.test:" + port, "http://c.test:" + port)
                .strategy(Strategies.roundRobin())
                .build());
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .attach(new OkHttpClient.Builder().dns(tenAddressesEach()).build());

        assertThatThrownBy(() -> call(client, method)).isInstanceOf(IOException.class);

        assertThat(servers.requests).hasValue(requests);
        assertThat(pool.outcomes()).hasSize(requests).containsOnly(Outcome.FAILED);
    }

    @ParameterizedTest
    @CsvSource({"STEER, GET", "REWRITE, GET", "STEER, POST", "REWRITE, POST"})
    void addressesThatRefuse_arePassedOver_inOneAttempt(Addressing addressing, String method) throws IOException {
        TestBackend backend = start("one");
        pool = new RecordingPool(LoadBalancers.builder("users")
                .backend(Backend.builder(
                                "http://a.test:" + backend.backend().uri().getPort())
                        .id("one")
                        .build())
                .build());
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .attach(new OkHttpClient.Builder()
                        .dns(name -> List.of(
                                InetAddress.getByName("127.0.0.97"),
                                InetAddress.getByName("127.0.0.98"),
                                InetAddress.getByName(backend.backend().uri().getHost())))
                        .build());

        assertThat(call(client, method)).isEqualTo("200 one");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
    }

    // A connection of the pool that is lost with an idempotent request.

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void lostPooledConnection_costsAnIdempotentRequestNothing(Addressing addressing) throws IOException {
        TestBackend one = start("one");
        TestBackend two = start("two");
        OkHttpClient client = attach(addressing, one, two);
        for (TestBackend each : List.of(one, two)) {
            // Read, and closed without a word: as a server does whose idle time ends just then.
            each.answer(inquiry -> inquiry.getExchangeIndex() == 0
                    ? each.named().build()
                    : new MockResponse.Builder()
                            .onRequestStart(new SocketEffect.CloseSocket())
                            .build());
        }
        for (int i = 0; i < 6; i++) {
            assertThat(call(client, i % 2 == 0 ? "GET" : "PUT")).startsWith("200 ");
        }
        assertThat(pool.outcomes()).hasSize(6).containsOnly(Outcome.SUCCESS);
    }

    @Test
    void newConnectionThatIsLost_isTheBackendsFailure() throws IOException {
        TestBackend bad = start("bad");
        TestBackend good = start("good");
        bad.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        OkHttpClient client = attach(Addressing.AUTO, bad, good);

        assertThat(call(client, "GET")).isEqualTo("200 good");

        assertThat(bad.requests()).hasSize(1);
        assertThat(pool.outcomes()).containsExactly(Outcome.FAILED, Outcome.SUCCESS);
    }

    // 408: the backend has not had the whole request.

    @ParameterizedTest
    @CsvSource({"STEER, GET", "REWRITE, GET", "STEER, POST", "REWRITE, POST"})
    void requestTimeout_isRepeatedOnce_asOkHttpDoes(Addressing addressing, String method) throws IOException {
        TestBackend one = start("one");
        AtomicInteger timeouts = new AtomicInteger(1);
        one.answer(inquiry -> timeouts.getAndDecrement() > 0
                ? new MockResponse.Builder().code(408).body("late").build()
                : one.named().build());
        OkHttpClient client = attach(addressing, one);

        assertThat(call(client, method)).isEqualTo("200 one");
        assertThat(one.requests()).hasSize(2);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);

        timeouts.set(2);
        assertThat(call(client, method)).isEqualTo("408 late");
        assertThat(one.requests()).hasSize(4);
    }

    @Test
    void requestTimeout_thatAsksToWait_isReturned() throws IOException {
        TestBackend one = start("one");
        one.answer(new MockResponse.Builder()
                .code(408)
                .setHeader("Retry-After", "7")
                .body("late")
                .build());
        OkHttpClient client = attach(Addressing.AUTO, one);
        assertThat(call(client, "POST")).isEqualTo("408 late");
        assertThat(one.requests()).hasSize(1);
    }

    // 421: the backend does not serve the host.

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void misdirectedRequest_goesElsewhere_andCountsAsARefusal(String method) throws IOException {
        TestBackend wrong = start("wrong");
        TestBackend right = start("right");
        wrong.answer(new MockResponse.Builder().code(421).body("not here").build());
        OkHttpClient client = attach(Addressing.AUTO, wrong, right);

        assertThat(call(client, method)).isEqualTo("200 right");

        assertThat(wrong.requests()).hasSize(1);
        assertThat(pool.outcomes()).containsExactly(Outcome.THROTTLED, Outcome.SUCCESS);
    }

    @Test
    void misdirectedRequest_withABodyThatCannotBeWrittenAgain_isReturned() throws IOException {
        TestBackend wrong = start("wrong");
        TestBackend right = start("right");
        wrong.answer(new MockResponse.Builder().code(421).body("not here").build());
        OkHttpClient client = attach(Addressing.AUTO, wrong, right);
        RequestBody once = new RequestBody() {
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
        try (Response response =
                client.newCall(request("POST").newBuilder().post(once).build()).execute()) {
            assertThat(response.code()).isEqualTo(421);
        }
        assertThat(right.requests()).isEmpty();
        assertThat(pool.outcomes()).containsExactly(Outcome.THROTTLED);
    }

    @Test
    void misdirectedRequest_withoutAnotherBackend_isReturned() throws IOException {
        TestBackend wrong = start("wrong");
        wrong.answer(new MockResponse.Builder().code(421).body("not here").build());
        OkHttpClient client = attach(Addressing.AUTO, wrong);
        assertThat(call(client, "POST")).isEqualTo("421 not here");
    }

    @Test
    void misdirectedRequest_withoutRetries_isReturned() throws IOException {
        TestBackend wrong = start("wrong");
        start("right");
        wrong.answer(new MockResponse.Builder().code(421).body("not here").build());
        pool = RecordingPool.of(wrong);
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .retries(RetryPolicy.none())
                .attach(TestBackend.client(Wire.H1).build());
        assertThat(call(client, "POST")).isEqualTo("421 not here");
    }
}
