package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawH2Server;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.tls.HeldCertificate;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What h2 says was not processed is sent again outside attempts, budget and the backend's counts: gRFC A6. */
@Timeout(60)
class TransparentRetriesTest {
    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));
    private static final String URL = "http://users/x";
    private static final HeldCertificate CERTIFICATE = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("127.0.0.1")
            .ecdsa256()
            .build();

    private final List<AutoCloseable> open = new ArrayList<>();
    private RecordingPool pool;
    private OkHttpClient client;

    @AfterEach
    void close() throws Exception {
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
        pool.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private void attach(Wire wire, Addressing addressing, Backend... backends) {
        attach(TestBackend.client(wire, CERTIFICATE).build(), addressing, backends);
    }

    private void attach(OkHttpClient plain, Addressing addressing, Backend... backends) {
        attach(plain, RetryPolicy.none(), addressing, backends);
    }

    private void attach(OkHttpClient plain, RetryPolicy retries, Addressing addressing, Backend... backends) {
        pool = RecordingPool.of(List.of(backends));
        client = LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .retries(retries)
                .attach(plain);
    }

    private static Backend backend(RawH2Server server, String id) {
        return Backend.builder(server.uri()).id(id).build();
    }

    private static Request post() {
        return new Request.Builder().url(URL).post(BODY).build();
    }

    @ParameterizedTest
    @CsvSource({
        "H2_TLS, STEER",
        "H2_TLS, REWRITE",
        "H2_PRIOR_KNOWLEDGE, STEER",
        "H2_PRIOR_KNOWLEDGE, REWRITE",
    })
    void postWhoseStreamIsRefused_isSentAgainToTheSameBackend_withinTheAttempt(Wire wire, Addressing addressing)
            throws IOException {
        TestBackend backend = opened(TestBackend.start("a", wire, CERTIFICATE));
        attach(wire, addressing, backend.backend());
        backend.peekOnce(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseStream(7))
                .build());
        Request post = post().newBuilder().url(wire.scheme() + "://users/x").build();
        assertThat(Calls.body(client, post)).isEqualTo("a");
        assertThat(backend.requests()).hasSize(1);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void postBeyondAGoAway_isSentAgainOverAnotherConnection(Addressing addressing) throws Exception {
        Refusing server = new Refusing(1, Refusing::goAway);
        attach(Wire.H2_PRIOR_KNOWLEDGE, addressing, backend(opened(RawH2Server.start(server)), "a"));
        assertThat(Calls.body(client, post())).isEqualTo("ok");
        assertThat(server.answered).hasValue(1);
        assertThat(server.connections()).isEqualTo(2);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, TransparentRetries.MAX_RETRIES})
    void postRefusedSeveralTimes_succeeds_synchronouslyAndNot(int refusals) throws Exception {
        Refusing server = new Refusing(refusals, Refusing::refuse);
        attach(Wire.H2_PRIOR_KNOWLEDGE, Addressing.STEER, backend(opened(RawH2Server.start(server)), "a"));
        assertThat(Calls.body(client, post())).isEqualTo("ok");
        server.left.set(refusals);
        assertThat(Calls.enqueue(client.newCall(post())).get(30, TimeUnit.SECONDS))
                .isEqualTo("ok");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
    }

    /** A budget that allows one attempt more, and would be used up by the second repetition. */
    @Test
    void refusedStreams_costNothingOfTheBudget() throws Exception {
        Refusing server = new Refusing(0, Refusing::refuse);
        pool = RecordingPool.of(List.of(backend(opened(RawH2Server.start(server)), "a")));
        client = LoadBalancing.builder()
                .pools(pool)
                .retries(RetryPolicy.builder()
                        .budget(RetryBudgets.tokens(10, 0.1))
                        .build())
                .attach(TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE).build());
        assertThat(Calls.body(client, post())).isEqualTo("ok");
        int left = left();
        for (int i = 0; i < 5; i++) {
            server.left.set(TransparentRetries.MAX_RETRIES);
            assertThat(Calls.body(client, post())).isEqualTo("ok");
        }
        assertThat(left()).isEqualTo(left).isPositive();
        assertThat(pool.outcomes()).hasSize(6).containsOnly(Outcome.SUCCESS);
    }

    private int left() {
        return LoadBalancing.budgets(client).get(0).left();
    }

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void backendThatRefusesEveryStream_isAskedABoundedNumberOfTimes_theLastTimeOnAnUnusedConnection(
            Addressing addressing) throws Exception {
        Refusing server = new Refusing(Integer.MAX_VALUE, Refusing::refuse);
        attach(Wire.H2_PRIOR_KNOWLEDGE, addressing, backend(opened(RawH2Server.start(server)), "a"));
        assertThatThrownBy(() -> Calls.body(client, post()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("failed after 1 attempt")
                .hasMessageContaining("REFUSED_STREAM");
        assertThat(server.streams).hasSize(1 + TransparentRetries.MAX_RETRIES);
        RawH2Server.Stream last = server.streams.get(TransparentRetries.MAX_RETRIES);
        assertThat(server.streams.stream().filter(stream -> stream.connection() == last.connection()))
                .containsExactly(last);
        assertThat(pool.outcomes()).containsExactly(Outcome.THROTTLED);
    }

    @Test
    void connectionThatWasOfOneCallAlone_isUsedByLaterCalls() throws Exception {
        Refusing server = new Refusing(TransparentRetries.MAX_RETRIES, Refusing::goAway);
        attach(Wire.H2_PRIOR_KNOWLEDGE, Addressing.STEER, backend(opened(RawH2Server.start(server)), "a"));
        assertThat(Calls.body(client, post())).isEqualTo("ok");
        int connections = server.connections();
        assertThat(Calls.body(client, post())).isEqualTo("ok");
        assertThat(server.connections()).isEqualTo(connections);
    }

    @Test
    void postThatNoStreamWasMadeFor_isSentAgain_evenWithAOneShotBody() throws Exception {
        Refusing server = new Refusing(0, Refusing::refuse);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        attach(holdingPosts(held, released), Addressing.STEER, backend(opened(RawH2Server.start(server)), "a"));
        assertThat(Calls.body(client, URL)).isEqualTo("ok");
        CompletableFuture<String> answer = Calls.enqueue(
                client.newCall(post().newBuilder().post(new OneShot()).build()));
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        server.streams.get(0).goAway(true);
        // The POST has a connection on which the client will make no stream any more.
        await().until(() -> Calls.body(client, URL).equals("ok") && server.connections() == 2);

        released.countDown();

        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
        assertThat(pool.outcomes()).containsOnly(Outcome.SUCCESS);
    }

    /** OkHttp may open the next connection itself, beneath the attempt. */
    @ParameterizedTest
    @CsvSource({"STEER, false", "STEER, true", "REWRITE, false", "REWRITE, true"})
    void postThatNoStreamWasMadeFor_goesToAnotherBackend_ifItsOwnIsGone(Addressing addressing, boolean oneShot)
            throws Exception {
        Refusing server = new Refusing(0, Refusing::refuse);
        RawH2Server first = opened(RawH2Server.start(server));
        RawH2Server second = opened(RawH2Server.start(new Refusing(0, Refusing::refuse)));
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        attach(holdingPosts(held, released), RetryPolicy.standard(), addressing, backend(first, "a"));
        assertThat(Calls.body(client, URL)).isEqualTo("ok");
        CompletableFuture<String> answer = Calls.enqueue(
                client.newCall(oneShot ? post().newBuilder().post(new OneShot()).build() : post()));
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        server.streams.get(0).goAway(true);
        await().until(() -> Calls.body(client, URL).equals("ok") && server.connections() == 2);
        pool.registry().add(backend(second, "b"));
        first.close();
        client.connectionPool().evictAll(); // The POST is to open a connection.

        released.countDown();

        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
        assertThat(pool.outcomes())
                .filteredOn(outcome -> outcome != Outcome.SUCCESS)
                .containsExactly(Outcome.NEVER_SENT);
    }

    /** A client that holds a POST when it has a connection, and before it has a stream. */
    private static OkHttpClient holdingPosts(CountDownLatch held, CountDownLatch released) {
        return TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE)
                .addNetworkInterceptor(chain -> {
                    if (chain.request().method().equals("POST")) {
                        held.countDown();
                        awaitUninterruptibly(released);
                    }
                    return chain.proceed(chain.request());
                })
                .build();
    }

    /** Without the setting, as before it arrives. */
    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void callsBeyondALimitOfStreams_areSentOverOtherConnections(Addressing addressing) throws Exception {
        int calls = 60;
        Limited server = opened(new Limited(5));
        attach(Wire.H2_PRIOR_KNOWLEDGE, addressing, backend(opened(RawH2Server.start(server)), "a"));
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            answers.add(Calls.enqueue(client.newCall(post())));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
        }
        assertThat(server.answered).hasValue(calls);
        assertThat(pool.outcomes()).hasSize(calls).containsOnly(Outcome.SUCCESS);
    }

    @Test
    void hedgedRequest_isSentAgain() throws Exception {
        Refusing server = new Refusing(TransparentRetries.MAX_RETRIES, Refusing::refuse);
        attach(Wire.H2_PRIOR_KNOWLEDGE, Addressing.STEER, backend(opened(RawH2Server.start(server)), "a"));
        Request keyed = post().newBuilder().header("Idempotency-Key", "1").build();
        HedgePolicy never = HedgePolicy.builder().delay(Duration.ofMinutes(10)).build();
        assertThat(Calls.enqueue(LoadBalancing.hedging(client, never).newCall(keyed))
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo("ok");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void clientThatRepeatsNothing_doesNotRepeatWhatWasRefused() throws Exception {
        Refusing server = new Refusing(1, Refusing::refuse);
        OkHttpClient plain = TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE)
                .retryOnConnectionFailure(false)
                .build();
        attach(plain, Addressing.STEER, backend(opened(RawH2Server.start(server)), "a"));
        assertThatThrownBy(() -> Calls.body(client, post())).hasMessageContaining("REFUSED_STREAM");
        assertThat(server.streams).hasSize(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a server does to a stream that it does not process. */
    private interface Refusal {
        void of(RawH2Server.Stream stream) throws IOException;
    }

    /** Refuses some streams, and answers the later ones. */
    private static final class Refusing implements RawH2Server.Handler {
        final AtomicInteger left;
        final AtomicInteger answered = new AtomicInteger();
        final List<RawH2Server.Stream> streams = new CopyOnWriteArrayList<>();
        private final Refusal refusal;
        private final Set<List<Object>> refused = ConcurrentHashMap.newKeySet();

        Refusing(int refusals, Refusal refusal) {
            this.left = new AtomicInteger(refusals);
            this.refusal = refusal;
        }

        static void refuse(RawH2Server.Stream stream) throws IOException {
            stream.reset(RawH2Server.REFUSED_STREAM);
        }

        static void goAway(RawH2Server.Stream stream) throws IOException {
            stream.goAway(false);
        }

        int connections() {
            return (int) streams.stream()
                    .map(RawH2Server.Stream::connection)
                    .distinct()
                    .count();
        }

        @Override
        public boolean wants(RawH2Server.Stream stream) throws IOException {
            streams.add(stream);
            if (left.getAndUpdate(n -> Math.max(0, n - 1)) == 0) {
                return true;
            }
            refused.add(List.of(stream.connection(), stream.id()));
            refusal.of(stream);
            return false;
        }

        @Override
        public void answer(RawH2Server.Stream stream) throws IOException {
            if (!refused.contains(List.of(stream.connection(), stream.id()))) {
                answered.incrementAndGet();
                stream.head(200);
                stream.body("ok", true);
            }
        }
    }

    /** Refuses streams of a connection that has too many, and takes a while for each of the others. */
    private static final class Limited implements RawH2Server.Handler, AutoCloseable {
        final AtomicInteger answered = new AtomicInteger();
        private final int most;
        private final Map<Object, Set<Integer>> streams = new ConcurrentHashMap<>();
        private final ScheduledExecutorService answers = Executors.newSingleThreadScheduledExecutor();

        Limited(int most) {
            this.most = most;
        }

        private Set<Integer> streams(RawH2Server.Stream stream) {
            return streams.computeIfAbsent(stream.connection(), connection -> ConcurrentHashMap.newKeySet());
        }

        @Override
        public boolean wants(RawH2Server.Stream stream) throws IOException {
            if (streams(stream).size() < most) {
                streams(stream).add(stream.id());
                return true;
            }
            stream.reset(RawH2Server.REFUSED_STREAM);
            return false;
        }

        @Override
        public void answer(RawH2Server.Stream stream) {
            if (streams(stream).contains(stream.id())) {
                answers.schedule(
                        () -> {
                            streams(stream).remove(stream.id());
                            answered.incrementAndGet();
                            stream.head(200);
                            stream.body("ok", true);
                            return null;
                        },
                        100,
                        TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void close() {
            answers.shutdownNow();
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
        public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("once");
        }
    }
}
