package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.internal.call.Attempt;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Under failures, timeouts and cancellations on many threads: no request arrives at another backend than the one that was
 * leased, no POST arrives twice, no lease is completed twice and none is left open.
 */
@Tag("long")
class MisroutingStressTest {
    private static final int THREADS = 16;

    /** For each thread and each wire: 20,160 in all. */
    private static final int CALLS = Integer.getInteger("evenkeel.stress.calls", 420);

    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));

    private final AtomicInteger misrouted = new AtomicInteger();
    private final Map<String, AtomicInteger> posts = new ConcurrentHashMap<>();

    @ParameterizedTest
    @EnumSource(Wire.class)
    void calls_underInjectedFaults_goWhereTheyWereLeasedAndEndOnce(Wire wire) throws Exception {
        List<TestBackend> backends = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            TestBackend backend = TestBackend.start("b" + i, wire);
            Random random = new Random(i);
            backend.answer(request -> answer(backend, request, random));
            backends.add(backend);
        }
        try (RecordingPool pool = RecordingPool.of(backends.toArray(TestBackend[]::new))) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(wire)
                            .readTimeout(Duration.ofMillis(200))
                            .callTimeout(Duration.ofSeconds(20))
                            .build(),
                    pool);
            client = client.newBuilder().addNetworkInterceptor(stamp()).build();
            hammer(client, wire);

            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
            // One in twenty is cancelled before it starts; the others were not held off by breakers.
            assertThat(pool.acquired()).isGreaterThan(THREADS * CALLS * 9 / 10);
            assertThat(misrouted).hasValue(0);
            assertThat(posts.values()).allMatch(count -> count.get() == 1);
            assertThat(pool.completions()).hasSize(pool.acquired()).allMatch(RecordingPool.Completion::first);
            client.connectionPool().evictAll();
        } finally {
            backends.forEach(TestBackend::close);
        }
    }

    /** Tells the server for whom the request is meant. */
    private static Interceptor stamp() {
        return chain -> {
            Lease lease = chain.request().tag(Attempt.class).lease();
            return chain.proceed(chain.request()
                    .newBuilder()
                    .header("Leased", lease.backend().id())
                    .build());
        };
    }

    private MockResponse answer(TestBackend backend, RecordedRequest request, Random random) {
        if (!backend.name.equals(request.getHeaders().get("Leased"))) {
            misrouted.incrementAndGet();
        }
        String post = request.getHeaders().get("Post");
        if (post != null && request.getMethod().equals("POST")) {
            posts.computeIfAbsent(post, key -> new AtomicInteger()).incrementAndGet();
        }
        int dice;
        synchronized (random) {
            dice = random.nextInt(100);
        }
        if (dice < 10) {
            return backend.named().code(503).build();
        } else if (dice < 13) {
            return backend.named()
                    .onResponseStart(new SocketEffect.CloseSocket())
                    .build();
        } else if (dice < 15) {
            return backend.named().headersDelay(400, TimeUnit.MILLISECONDS).build();
        } else if (dice < 18) {
            return backend.named()
                    .onResponseBody(new SocketEffect.CloseSocket())
                    .build();
        } else if (dice < 20) {
            return backend.named()
                    .code(302)
                    .setHeader("Location", "/redirected")
                    .build();
        }
        return backend.named().build();
    }

    private static void hammer(OkHttpClient client, Wire wire) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(1_000 + t);
                int thread = t;
                done.add(threads.submit(() -> {
                    for (int i = 0; i < CALLS; i++) {
                        call(client, wire, thread + "-" + i, random);
                    }
                }));
            }
            for (Future<?> future : done) {
                future.get(5, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void call(OkHttpClient client, Wire wire, String id, Random random) {
        Request.Builder request = new Request.Builder().url(wire.scheme() + "://users/x");
        int dice = random.nextInt(100);
        if (dice < 30) {
            request.post(BODY).header("Post", id);
        }
        Call call = client.newCall(request.build());
        if (dice % 20 == 0) {
            call.cancel();
        }
        try (Response response = call.execute()) {
            if (dice % 20 == 1) {
                call.cancel();
            }
            if (dice % 20 != 2) {
                response.body().string();
            }
        } catch (IOException e) {
            // Injected: that it happened is not the point here.
        }
    }
}
