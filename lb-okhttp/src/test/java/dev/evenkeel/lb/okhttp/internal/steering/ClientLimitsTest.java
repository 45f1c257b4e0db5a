package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limits of the Dispatcher and of the ConnectionPool, which count all backends as one host. */
@Timeout(60)
class ClientLimitsTest {
    private final List<TestBackend> backends = new ArrayList<>();
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger arrived = new AtomicInteger();

    @AfterEach
    void close() {
        open.countDown();
        backends.forEach(TestBackend::close);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void asyncCalls_afterAttach_allRunAtOneTime(Wire wire) throws Exception {
        try (RecordingPool pool = gatedPool(8, wire)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            List<CompletableFuture<String>> calls = enqueue(client, wire, 40);
            await().until(() -> arrived.get() == 40);

            assertThat(client.dispatcher().runningCallsCount()).isEqualTo(40);
            assertThat(client.dispatcher().queuedCallsCount()).isZero();
            assertThat(pool.inFlight()).isEqualTo(40);
            assertAllAnswered(calls);
            assertThat(backends)
                    .allSatisfy(backend -> assertThat(backend.requests()).hasSize(5));
        }
    }

    @Test
    void asyncCalls_withTheBareInterceptor_runFiveAtATime() throws Exception {
        try (RecordingPool pool = gatedPool(8, Wire.H1)) {
            OkHttpClient client = new OkHttpClient.Builder()
                    .addInterceptor(LoadBalancing.builder().pools(pool).interceptor())
                    .build();

            List<CompletableFuture<String>> calls = enqueue(client, Wire.H1, 40);
            await().until(() -> arrived.get() == 5);

            assertThat(client.dispatcher().runningCallsCount()).isEqualTo(5);
            assertThat(client.dispatcher().queuedCallsCount()).isEqualTo(35);
            assertAllAnswered(calls);
        }
    }

    @Test
    void asyncCalls_whileEndlessOnesRun_areNotHeldUp() throws Exception {
        try (RecordingPool pool = gatedPool(2, Wire.H1)) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            List<CompletableFuture<String>> endless = enqueue(client, Wire.H1, 10);
            await().until(() -> arrived.get() == 10);
            backends.forEach(backend -> backend.answer(backend.named().build()));
            String answer =
                    Calls.enqueue(client.newCall(Calls.get("http://users/y"))).get(30, TimeUnit.SECONDS);

            assertThat(answer).isIn("b0", "b1");
            assertThat(endless).noneMatch(CompletableFuture::isDone);
            assertAllAnswered(endless);
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void twentyBackends_inTenRounds_openOneConnectionEach(Wire wire) throws Exception {
        open.countDown();
        try (RecordingPool pool = gatedPool(20, wire)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            for (int i = 0; i < 200; i++) {
                Calls.body(client, wire.scheme() + "://users/x");
            }

            assertThat(backends).allSatisfy(backend -> {
                assertThat(backend.requests()).hasSize(10);
                assertThat(backend.connections()).isEqualTo(1);
            });
            assertThat(client.connectionPool().connectionCount()).isEqualTo(20);
        }
    }

    /** A pool whose servers answer when the gate has been opened. */
    private RecordingPool gatedPool(int size, Wire wire) {
        for (int i = 0; i < size; i++) {
            TestBackend backend = TestBackend.start("b" + i, wire);
            backend.answer(request -> {
                arrived.incrementAndGet();
                pass();
                return backend.named().build();
            });
            backends.add(backend);
        }
        return RecordingPool.of(backends.toArray(TestBackend[]::new));
    }

    private void pass() {
        try {
            assertThat(open.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<CompletableFuture<String>> enqueue(OkHttpClient client, Wire wire, int count) {
        List<CompletableFuture<String>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Calls.enqueue(client.newCall(Calls.get(wire.scheme() + "://users/x"))));
        }
        return calls;
    }

    private void assertAllAnswered(List<CompletableFuture<String>> calls) throws Exception {
        open.countDown();
        for (CompletableFuture<String> call : calls) {
            assertThat(call.get(30, TimeUnit.SECONDS)).startsWith("b");
        }
    }
}
