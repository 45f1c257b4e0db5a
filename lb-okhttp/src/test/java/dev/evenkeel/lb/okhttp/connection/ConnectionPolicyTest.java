package dev.evenkeel.lb.okhttp.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.internal.call.Attempt;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import dev.evenkeel.lb.okhttp.internal.steering.LaneAge;
import dev.evenkeel.lb.okhttp.internal.steering.SteeredBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lanes, their age, and connections that are there before the traffic. The servers count connections. */
class ConnectionPolicyTest {
    private static final Duration AGE = Duration.ofMinutes(10);

    private final AtomicLong nowNanos = new AtomicLong();
    private final List<TestBackend> backends = new ArrayList<>();
    private LoadBalancer pool;
    private OkHttpClient client;

    @AfterEach
    void close() {
        if (pool != null) {
            pool.close();
        }
        backends.forEach(TestBackend::close);
    }

    private TestBackend start(String name, Wire wire) {
        TestBackend backend = TestBackend.start(name, wire);
        backend.answer(request -> answer(backend, request));
        backends.add(backend);
        return backend;
    }

    private void attach(Wire wire, ConnectionPolicy.Builder policy, Backend... members) {
        pool = LoadBalancers.builder("users")
                .backends(List.of(members))
                .strategy(Strategies.roundRobin())
                .build();
        client = LoadBalancing.builder()
                .pools(pool)
                .connections(policy.timeSource(nowNanos::get).build())
                .attach(TestBackend.client(wire).build());
    }

    private Request request(Wire wire) {
        return new Request.Builder().url(wire.scheme() + "://users/x").build();
    }

    private String call(Wire wire) throws IOException {
        return Calls.body(client, request(wire));
    }

    /** MockWebServer sends a body after a HEAD, too, if it has one. */
    private static MockResponse answer(TestBackend backend, RecordedRequest request) {
        return request.getMethod().equals("HEAD")
                ? new MockResponse.Builder().build()
                : backend.named().build();
    }

    private static long connections(TestBackend backend) {
        return backend.requests().stream()
                .map(RecordedRequest::getConnectionIndex)
                .distinct()
                .count();
    }

    /** So many calls that are all under way before the first is answered. */
    private List<ConnectionLane> callsAtOnce(Wire wire, TestBackend backend, int calls) throws Exception {
        int before = backend.requests().size();
        CountDownLatch answer = new CountDownLatch(1);
        backend.answer(request -> {
            awaitUninterruptibly(answer);
            return backend.named().build();
        });
        ExecutorService threads = Executors.newFixedThreadPool(calls);
        try {
            List<Future<ConnectionLane>> answers = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                answers.add(threads.submit(() -> lane(wire, backend)));
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> backend.requests().size() == before + calls);
            answer.countDown();
            List<ConnectionLane> lanes = new ArrayList<>();
            for (Future<ConnectionLane> one : answers) {
                lanes.add(one.get(60, TimeUnit.SECONDS));
            }
            return lanes;
        } finally {
            answer.countDown();
            threads.shutdownNow();
        }
    }

    private ConnectionLane lane(Wire wire, TestBackend expected) throws IOException {
        try (Response response = client.newCall(request(wire)).execute()) {
            assertThat(response.body().string()).isEqualTo(expected.name);
            return Objects.requireNonNull(
                    response.request().tag(Attempt.class).exchange().lane());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Wire.class, mode = EnumSource.Mode.EXCLUDE, names = "H1")
    void lanes_overHttp2_areConnectionsOfTheirOwn_andTheLeastBusyIsTaken(Wire wire) throws Exception {
        TestBackend a = start("a", wire);
        attach(wire, ConnectionPolicy.builder().lanes(3), a.backend());
        Map<ConnectionLane, Long> calls =
                callsAtOnce(wire, a, 6).stream().collect(Collectors.groupingBy(lane -> lane, Collectors.counting()));
        assertThat(calls.values()).containsExactly(2L, 2L, 2L);
        assertThat(calls.keySet()).allMatch(lane -> lane.openSockets() > 0);
        assertThat(connections(a)).isGreaterThanOrEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void oldLane_isLeftByNewCalls_andClosedWhenItsLastCallEnds(Wire wire) throws Exception {
        TestBackend a = start("a", wire);
        attach(wire, ConnectionPolicy.builder().maxAge(AGE, 0), a.backend());
        assertThat(call(wire)).isEqualTo("a");
        nowNanos.addAndGet(AGE.toNanos() - 1);
        assertThat(call(wire)).isEqualTo("a");
        assertThat(connections(a)).isEqualTo(1);

        a.answer(a.named().body("x".repeat(1_000_000)).build());
        try (Response open = client.newCall(request(wire)).execute()) {
            ConnectionLane lane = open.request().tag(Attempt.class).exchange().lane();
            nowNanos.addAndGet(1);
            a.answer(a.named().build());
            assertThat(call(wire)).isEqualTo("a");
            assertThat(connections(a)).isEqualTo(2);
            assertThat(lane.openSockets()).isEqualTo(1);
            assertThat(open.body().string()).hasSize(1_000_000);
            await().until(() -> lane.openSockets() == 0);
        }
        assertThat(call(wire)).isEqualTo("a");
        assertThat(connections(a)).isEqualTo(2);
    }

    @Test
    void age_isShortenedByChance_withinTheJitter() {
        LaneAge age = LaneAge.of(ConnectionPolicy.builder().maxAge(AGE, 20).build());
        List<Long> ages = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            ages.add(age.nextNanos());
        }
        assertThat(ages).allMatch(nanos -> nanos >= AGE.toNanos() * 0.8 && nanos <= AGE.toNanos());
        assertThat(ages.stream().distinct().count()).isGreaterThan(900);
    }

    /** OkHttp remembers failed routes, and their Dns, for ever. */
    @Test
    void lane_thatNeverConnected_isNotReplacedForItsAge() {
        SteeredBackend lanes = new SteeredBackend(
                "users",
                Backend.of("http://127.0.0.1:1"),
                ConnectionPolicy.builder()
                        .maxAge(AGE, 0)
                        .timeSource(nowNanos::get)
                        .build());
        ConnectionLane lane = lanes.enter();
        lane.exit();
        nowNanos.addAndGet(5 * AGE.toNanos());
        assertThat(lanes.enter()).isSameAs(lane);
    }

    @Test
    void warmUp_opensConnectionsBeforeTheFirstCall() throws Exception {
        TestBackend a = start("a", Wire.H1);
        attach(Wire.H1, ConnectionPolicy.builder().warmUp(3, "/warm?up", Duration.ofSeconds(30)), a.backend());
        await().until(() -> client.connectionPool().idleConnectionCount() == 3);
        assertThat(a.requests())
                .hasSize(3)
                .allMatch(r -> r.getRequestLine().equals("HEAD /warm?up HTTP/1.1")
                        && r.getHeaders().get("Host").equals("users"));
        callsAtOnce(Wire.H1, a, 3);
        assertThat(connections(a)).isEqualTo(3);
        assertThat(client.connectionPool().connectionCount()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(value = Wire.class, mode = EnumSource.Mode.EXCLUDE, names = "H1")
    void warmUp_overHttp2_opensEachLane(Wire wire) throws Exception {
        TestBackend a = start("a", wire);
        attach(wire, ConnectionPolicy.builder().lanes(2).warmUp(2, "/warm", Duration.ofSeconds(30)), a.backend());
        await().until(() -> client.connectionPool().idleConnectionCount() == 2);
        assertThat(connections(a)).isEqualTo(2);
    }

    @Test
    void backendThatJoins_getsNoCall_beforeItIsWarm() throws Exception {
        TestBackend a = start("a", Wire.H1);
        TestBackend b = start("b", Wire.H1);
        CountDownLatch answer = new CountDownLatch(1);
        b.answer(request -> {
            if (request.getMethod().equals("HEAD")) {
                awaitUninterruptibly(answer);
            }
            return answer(b, request);
        });
        attach(Wire.H1, ConnectionPolicy.builder().warmUp(1, "/warm", Duration.ofSeconds(50)), a.backend());
        pool.registry().add(b.backend());
        await().until(() -> b.requests().size() == 1);
        for (int i = 0; i < 20; i++) {
            assertThat(call(Wire.H1)).isEqualTo("a");
        }
        answer.countDown();
        await().until(() -> call(Wire.H1).equals("b"));
        assertThat(connections(b)).isEqualTo(1);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void backendThatReturnsFromMaintenance_isWarmedUpAgain() throws Exception {
        TestBackend a = start("a", Wire.H1);
        TestBackend b = start("b", Wire.H1);
        attach(
                Wire.H1,
                ConnectionPolicy.builder().warmUp(1, "/warm", Duration.ofSeconds(30)),
                a.backend(),
                b.backend());
        await().until(() -> b.requests().size() == 1);
        pool.registry().maintenance("b");
        pool.registry().activate("b");
        await().until(() ->
                b.requests().stream().filter(r -> r.getMethod().equals("HEAD")).count() == 2);
    }

    @Test
    void backendThatDoesNotAnswer_takesTrafficAfterTheWait() throws Exception {
        TestBackend a = start("a", Wire.H1);
        TestBackend b = start("b", Wire.H1);
        CountDownLatch never = new CountDownLatch(1);
        b.answer(request -> {
            if (request.getMethod().equals("HEAD")) {
                awaitUninterruptibly(never);
            }
            return answer(b, request);
        });
        attach(
                Wire.H1,
                ConnectionPolicy.builder().warmUp(2, "/warm", Duration.ofMillis(300)),
                a.backend(),
                b.backend());
        await().atMost(Duration.ofSeconds(30)).until(() -> call(Wire.H1).equals("b"));
        never.countDown();
    }

    @Test
    void backendThatRefuses_isNobodysConcernButTheCalls() throws Exception {
        try (RefusingPort port = RefusingPort.open("dead")) {
            attach(Wire.H1, ConnectionPolicy.builder().warmUp(2, "/", Duration.ofSeconds(30)), port.backend());
            assertThatThrownBy(() -> call(Wire.H1)).hasMessageContaining("Connection refused");
        }
    }

    @Test
    void onlyColdBackends_areUsedAllTheSame() throws Exception {
        TestBackend a = start("a", Wire.H1);
        CountDownLatch answer = new CountDownLatch(1);
        a.answer(request -> {
            if (request.getMethod().equals("HEAD")) {
                awaitUninterruptibly(answer);
            }
            return answer(a, request);
        });
        attach(Wire.H1, ConnectionPolicy.builder().warmUp(1, "/warm", Duration.ofSeconds(50)), a.backend());
        assertThat(call(Wire.H1)).isEqualTo("a");
        answer.countDown();
    }

    @Test
    void bareInterceptor_cannotWarmUp_andSaysSo() {
        pool = LoadBalancers.builder("users").backends("http://127.0.0.1:1").build();
        assertThatThrownBy(() -> LoadBalancing.builder()
                        .pools(pool)
                        .connections(ConnectionPolicy.builder()
                                .warmUp(1, "/", Duration.ofSeconds(1))
                                .build())
                        .interceptor())
                .hasMessage("connections cannot be warmed up by an interceptor alone: it does not know its client; use"
                        + " attach");
    }

    @Test
    void policy_outOfRange_isRefused() {
        ConnectionPolicy.Builder builder = ConnectionPolicy.builder();
        assertThatThrownBy(() -> builder.lanes(0)).hasMessage("connection lanes must be 1..64: 0");
        assertThatThrownBy(() -> builder.maxAge(Duration.ZERO, 0))
                .hasMessage("connection maxAge must be 1 s to 365 days: PT0S");
        assertThatThrownBy(() -> builder.maxAge(AGE, Double.NaN))
                .hasMessage("connection maxAgeJitterPercent must be 0..50: NaN");
        assertThatThrownBy(() -> builder.warmUp(0, "/", AGE)).hasMessage("warm-up connections must be 1..100: 0");
        assertThatThrownBy(() -> builder.warmUp(1, "x", Duration.ofSeconds(1)))
                .hasMessage("warm-up path must start with one slash, such as /: \"x\"");
        assertThatThrownBy(() -> builder.warmUp(1, "/", Duration.ZERO))
                .hasMessage("warm-up timeout must be positive and at most 1 min: PT0S");
    }

    /** Lanes age out every hundred calls or so, while sixteen threads make more; the servers check who is meant. */
    @ParameterizedTest
    @EnumSource(Wire.class)
    void lanesThatAgeOut_failNoCall_andMisrouteNone(Wire wire) throws Exception {
        AtomicInteger misrouted = new AtomicInteger();
        List<Backend> members = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            TestBackend backend = start(name, wire);
            backend.answer(request -> checked(backend, request, misrouted));
            members.add(backend.backend());
        }
        attach(
                wire,
                ConnectionPolicy.builder().lanes(2).maxAge(Duration.ofSeconds(1), 50),
                members.toArray(Backend[]::new));
        client = client.newBuilder().addNetworkInterceptor(stamp()).build();
        AtomicInteger answered = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 16; t++) {
                Random random = new Random(4_711 + t);
                done.add(threads.submit(() -> {
                    for (int i = 0; i < 100; i++) {
                        nowNanos.addAndGet(random.nextInt(20_000_000));
                        Request.Builder request = request(wire).newBuilder();
                        if (random.nextInt(3) == 0) {
                            request.post(RequestBody.create(new byte[100]));
                        }
                        try (Response response = client.newCall(request.build()).execute()) {
                            if (response.body().string().equals(response.header("Backend"))) {
                                answered.incrementAndGet();
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : done) {
                one.get(2, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(answered).hasValue(1_600);
        assertThat(misrouted).hasValue(0);
        assertThat(backends.stream()
                        .mapToLong(ConnectionPolicyTest::connections)
                        .sum())
                .as("lanes were renewed")
                .isGreaterThan(20);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    private static MockResponse checked(TestBackend backend, RecordedRequest request, AtomicInteger misrouted) {
        if (!backend.name.equals(request.getHeaders().get("Leased"))) {
            misrouted.incrementAndGet();
        }
        return backend.named().build();
    }

    private static Interceptor stamp() {
        return chain -> chain.proceed(chain.request()
                .newBuilder()
                .header("Leased", chain.request().tag(Attempt.class).backend().id())
                .build());
    }
}
