package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All backends fail at once: retries must not make it worse, and nobody has to do anything for the return. */
class OutageTest {
    private static final int CALLS = 2_000;
    /** What the budget grants however few calls there are, and what its gate lets through before it closes. */
    private static final int FLOOR = 40;

    private static Request request() {
        return new Request.Builder().url("http://users/x").build();
    }

    /** Makes calls, at most 32 at a time, and returns how many had a 200. */
    private static int calls(OkHttpClient client, int calls) throws InterruptedException {
        AtomicInteger succeeded = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(calls);
        for (int i = 0; i < calls; i++) {
            client.newCall(request()).enqueue(new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                    ended.countDown();
                }

                @Override
                public void onResponse(Call call, Response response) {
                    try (response) {
                        if (response.isSuccessful()) {
                            succeeded.incrementAndGet();
                        }
                    } finally {
                        ended.countDown();
                    }
                }
            });
        }
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        return succeeded.get();
    }

    private static int requests(List<TestBackend> backends) {
        return backends.stream().mapToInt(backend -> backend.requests().size()).sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {503, 502, 500, 429})
    void totalOutage_costsNextToNoRequestsMore_andEndsByItself(int status) throws Exception {
        List<TestBackend> backends = List.of(
                TestBackend.start("a", Wire.H1), TestBackend.start("b", Wire.H1), TestBackend.start("c", Wire.H1));
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends(backends.stream().map(TestBackend::backend).toList())
                .build()) {
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(Wire.H1).build(), pool);
            client.dispatcher().setMaxRequests(32);
            assertThat(calls(client, 200)).isEqualTo(200);

            backends.forEach(backend ->
                    backend.answer(new MockResponse.Builder().code(status).build()));
            int before = requests(backends);
            assertThat(calls(client, CALLS)).isZero();
            assertThat(requests(backends) - before).isLessThanOrEqualTo((int) (1.05 * CALLS) + FLOOR);

            backends.forEach(
                    backend -> backend.answer(request -> backend.named().build()));
            await().atMost(Duration.ofSeconds(20)).until(() -> calls(client, 1) == 1);
            int returned = requests(backends);
            assertThat(calls(client, 500)).isEqualTo(500);
            assertThat(requests(backends) - returned).isLessThanOrEqualTo(750);
            assertThat(pool.snapshot().inFlight()).isZero();
        } finally {
            backends.forEach(TestBackend::close);
        }
    }
}
