package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.internal.call.Attempt;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Everything at once: servers that refuse, reset, stall, redirect, shut down and answer 503, and callers that cancel, run
 * out of time, read half, read nothing. Whatever happens to a call, it is sent only where it was leased to, its leases are
 * completed once each, and the servers' own books agree with its trace.
 *
 * <p>Faults follow from the call's number and how often it has arrived, so they are the same in every run.
 */
@Tag("long")
class FaultStormTest {
    private static final int THREADS = 16;
    private static final int REFUSED_STREAM = 7;
    private static final MediaType TEXT = MediaType.get("text/plain");
    private static final String LONG_TEXT = "0123456789".repeat(2_000);

    private final List<TestBackend> servers = new ArrayList<>();
    private final AtomicInteger misrouted = new AtomicInteger();
    private final Map<Integer, Collection<String>> arrivals = new ConcurrentHashMap<>();
    private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
    private final AtomicInteger ended = new AtomicInteger();
    private final Phaser enqueued = new Phaser(1);
    private final ScheduledExecutorService cancellers = Executors.newScheduledThreadPool(2);
    private RefusingPort refusing;

    @BeforeEach
    void open() throws IOException {
        refusing = RefusingPort.open("refusing");
    }

    @AfterEach
    void close() throws IOException {
        cancellers.shutdownNow();
        servers.forEach(TestBackend::close);
        refusing.close();
    }

    @ParameterizedTest
    @Timeout(180)
    @EnumSource(
            value = Wire.class,
            names = {"H1", "H2_PRIOR_KNOWLEDGE"})
    void calls_inAStormOfFaults_goWhereTheyWereLeasedAndEndOnce(Wire wire) throws Exception {
        storm(wire, 5_000);
    }

    @Tag("soak")
    @ParameterizedTest
    @Timeout(600)
    @EnumSource(Wire.class)
    void manyCalls_inAStormOfFaults_goWhereTheyWereLeasedAndEndOnce(Wire wire) throws Exception {
        storm(wire, 20_000);
    }

    private void storm(Wire wire, int count) throws Exception {
        try (RecordingPool pool = pool(wire)) {
            // Without a budget: so many failures would use up any.
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .retries(RetryPolicy.builder()
                            .budget(RetryBudgets.unlimited())
                            .build())
                    .attach(TestBackend.client(wire)
                            .readTimeout(Duration.ofMillis(150))
                            .build())
                    .newBuilder()
                    .addNetworkInterceptor(stamp())
                    .build();

            callAll(client, wire, count);

            assertThat(ended).hasValue(count);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(pool.inFlight()).isZero());
            assertThat(misrouted).hasValue(0);
            assertThat(pool.completions()).hasSize(pool.acquired()).allMatch(RecordingPool.Completion::first);
            // It was a storm.
            assertThat(EnumSet.copyOf(pool.outcomes()))
                    .contains(Outcome.SUCCESS, Outcome.GATEWAY_ERROR, Outcome.NEVER_SENT)
                    .contains(Outcome.FAILED, Outcome.TIMED_OUT, Outcome.CANCELLED);
            assertThat(pool.acquired()).isGreaterThan(count);
            calls.forEach(this::checkBooks);
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    /** What the servers saw of a call is what its trace says, and a POST was not sent twice. */
    private void checkBooks(int number, Call call) {
        List<String> leased = LoadBalancing.trace(call).stream()
                .flatMap(trace -> trace.attempts().stream())
                .map(attempt -> attempt.backend().id())
                .toList();
        Collection<String> seen = arrivals.getOrDefault(number, List.of());
        assertThat(leased).as("leases of call %d", number).doesNotHaveDuplicates();
        assertThat(leased).as("leases of call %d", number).containsAll(seen);
        if (call.request().method().equals("POST") && call.request().header("Idempotency-Key") == null) {
            assertThat(seen).as("arrivals of POST %d", number).hasSizeLessThanOrEqualTo(1);
        }
    }

    private RecordingPool pool(Wire wire) {
        LoadBalancerBuilder pool = LoadBalancers.builder("users")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(OutlierDetectors.none());
        for (String name : List.of("a", "b", "c", "d")) {
            TestBackend server = TestBackend.start(name, wire);
            server.answer(request -> answer(server, request));
            servers.add(server);
            pool.backend(server.backend());
        }
        pool.backend(Backend.builder(refusing.uri().replace("http:", wire.scheme() + ":"))
                .id("refusing")
                .build());
        return new RecordingPool(pool.build());
    }

    /** Tells the server for whom each request is meant, whoever sends it again. */
    private static Interceptor stamp() {
        return chain -> chain.proceed(chain.request()
                .newBuilder()
                .header("Leased", chain.request().tag(Attempt.class).backend().id())
                .build());
    }

    private MockResponse answer(TestBackend server, RecordedRequest request) {
        if (!server.name.equals(request.getHeaders().get("Leased"))) {
            misrouted.incrementAndGet();
        }
        int number = Integer.parseInt(request.getHeaders().get("Number"));
        Collection<String> seen = arrivals.computeIfAbsent(number, n -> new ConcurrentLinkedQueue<>());
        seen.add(server.name);
        Random random = new Random(number * 31L + seen.size());
        server.peekOnce(effectOnTheNext(random.nextInt(100)));
        MockResponse.Builder response = server.named().body(LONG_TEXT);
        int dice = random.nextInt(100);
        if (dice < 10) {
            response.code(503);
        } else if (dice < 13) {
            response.onResponseStart(new SocketEffect.CloseSocket());
        } else if (dice < 15) {
            response.headersDelay(300, TimeUnit.MILLISECONDS);
        } else if (dice < 16) {
            response.bodyDelay(300, TimeUnit.MILLISECONDS);
        } else if (dice < 19) {
            response.onResponseBody(new SocketEffect.CloseSocket());
        } else if (dice < 21) {
            response.onResponseEnd(new SocketEffect.CloseSocket());
        } else if (dice < 24 && request.getMethod().equals("GET")) {
            response.code(302).setHeader("Location", "/redirected");
        } else if (dice < 26) {
            response.code(500);
        } else if (dice < 40) {
            response.body("short");
        }
        return response.build();
    }

    /** What befalls the next connection, or with h2 the next stream. */
    private static MockResponse effectOnTheNext(int dice) {
        MockResponse.Builder effect = new MockResponse.Builder();
        if (dice < 4) {
            effect.onRequestStart(new SocketEffect.CloseStream(REFUSED_STREAM));
        } else if (dice < 6) {
            effect.onRequestStart(new SocketEffect.CloseSocket());
        } else if (dice < 8) {
            effect.onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE);
        } else if (dice < 10) {
            effect.onResponseStart(new SocketEffect.CloseSocket());
        }
        return effect.build();
    }

    private void callAll(OkHttpClient client, Wire wire, int count) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        AtomicInteger next = new AtomicInteger();
        try {
            List<Future<?>> callers = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                callers.add(threads.submit(() -> {
                    for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                        call(client, wire, number);
                    }
                }));
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
            enqueued.arriveAndDeregister();
            enqueued.awaitAdvance(0);
        } finally {
            threads.shutdownNow();
        }
    }

    private void call(OkHttpClient client, Wire wire, int number) {
        Random random = new Random(number);
        Call call = client.newCall(request(wire, number, random.nextInt(100)));
        calls.put(number, call);
        int fate = random.nextInt(100);
        if (fate < 2) {
            call.cancel();
        } else if (fate < 8) {
            cancellers.schedule(call::cancel, random.nextInt(5_000), TimeUnit.MICROSECONDS);
        } else if (fate < 12) {
            call.timeout().timeout(1 + random.nextInt(30), TimeUnit.MILLISECONDS);
        }
        int reading = random.nextInt(10);
        if (random.nextInt(4) == 0) {
            enqueued.register();
            call.enqueue(new Callback() {
                @Override
                public void onFailure(Call failed, IOException e) {
                    end();
                }

                @Override
                public void onResponse(Call answered, Response response) {
                    read(response, reading);
                    end();
                }

                private void end() {
                    ended.incrementAndGet();
                    enqueued.arriveAndDeregister();
                }
            });
            return;
        }
        try {
            read(call.execute(), reading);
        } catch (IOException e) {
            // That calls fail is part of the storm.
        }
        ended.incrementAndGet();
    }

    /** Reads the body: all of it, some of it, nothing of it. */
    private static void read(Response response, int reading) {
        try (response;
                BufferedSource body = response.body().source()) {
            if (reading < 7) {
                body.readByteString();
            } else if (reading < 9) {
                body.request(100);
            }
        } catch (IOException e) {
            // As above.
        }
    }

    private static Request request(Wire wire, int number, int dice) {
        Request.Builder request =
                new Request.Builder().url(wire.scheme() + "://users/x").header("Number", String.valueOf(number));
        if (dice < 20) {
            request.post(RequestBody.create(LONG_TEXT, TEXT));
        } else if (dice < 25) {
            request.post(new OneShot());
        } else if (dice < 30) {
            request.post(RequestBody.create("key", TEXT)).header("Idempotency-Key", String.valueOf(number));
        } else if (dice < 40) {
            request.put(RequestBody.create("put", TEXT));
        }
        return request.build();
    }

    private static final class OneShot extends RequestBody {
        @Override
        public MediaType contentType() {
            return TEXT;
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
