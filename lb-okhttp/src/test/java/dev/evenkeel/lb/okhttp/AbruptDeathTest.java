package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A backend that dies under load costs no idempotent call, and gets traffic again by itself when it is back. The responses
 * have no body: one that breaks off after its headers have been handed out cannot be had elsewhere.
 */
class AbruptDeathTest {

    @ParameterizedTest
    @EnumSource(Wire.class)
    void kill_ofOneOfThreeUnderLoad_failsNoIdempotentCall_andARestartBringsTrafficBack(Wire wire) throws Exception {
        TestBackend a = TestBackend.start("a", wire);
        TestBackend b = TestBackend.start("b", wire);
        TestBackend c = TestBackend.start("c", wire);
        int port = c.server.getPort();
        MockResponse noContent = new MockResponse.Builder().code(204).build();
        List.of(a, b, c).forEach(backend -> backend.answer(noContent));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (RecordingPool pool = RecordingPool.of(a, b, c)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                done.add(threads.submit(() -> {
                    while (!stop.get()) {
                        Request request = new Request.Builder()
                                .url(wire.scheme() + "://users/x")
                                .build();
                        try (Response response = client.newCall(request).execute()) {
                            assertThat(response.code()).isEqualTo(204);
                            calls.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            await().until(() -> c.requests().size() > 50);
            c.close();
            int atDeath = calls.get();
            await().until(() -> calls.get() > atDeath + 200);
            try (TestBackend again =
                    TestBackend.start("c", wire, TestBackend.LOGICAL, InetAddress.getLoopbackAddress(), port)) {
                again.answer(noContent);
                await().atMost(1, TimeUnit.MINUTES).until(() -> again.requests().size() > 20);
                stop.set(true);
                for (Future<?> future : done) {
                    future.get(1, TimeUnit.MINUTES);
                }
            }
            assertThat(pool.inFlight()).isZero();
            client.connectionPool().evictAll();
        } finally {
            stop.set(true);
            threads.shutdownNow();
            a.close();
            b.close();
        }
    }
}
