package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** Blocking calls on virtual threads, where the JDK has them. */
class VirtualThreadsTest {
    private static final int CALLS = 10_000;

    /** {@code Executors.newVirtualThreadPerTaskExecutor()}, which Java 17 does not know. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @Test
    void tenThousandVirtualThreads_allFinish_andNothingIsLeft() throws Exception {
        assumeThat(Runtime.version().feature())
                .as("the JDK's version; virtual threads need 21")
                .isGreaterThanOrEqualTo(21);
        List<TestBackend> backends = List.of(
                TestBackend.start("a", Wire.H2_TLS),
                TestBackend.start("b", Wire.H2_TLS),
                TestBackend.start("c", Wire.H2_TLS));
        ExecutorService threads = virtualThreads();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends(backends.stream().map(TestBackend::backend).toList())
                .build()) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(Wire.H2_TLS)
                            .readTimeout(Duration.ofMinutes(1))
                            .build(),
                    pool);
            Request request = new Request.Builder()
                    .url(Wire.H2_TLS.scheme() + "://users/x")
                    .build();

            List<Future<String>> calls = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                calls.add(threads.submit(() -> {
                    try (Response response = client.newCall(request).execute()) {
                        return response.body().string();
                    }
                }));
            }
            List<String> answers = new ArrayList<>();
            for (Future<String> call : calls) {
                answers.add(call.get(2, TimeUnit.MINUTES));
            }

            Map<String, Long> byBackend =
                    answers.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
            assertThat(byBackend).containsOnlyKeys("a", "b", "c");
            assertThat(byBackend.values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(CALLS);
            assertThat(pool.snapshot().inFlight()).isZero();
        } finally {
            threads.shutdownNow();
            backends.forEach(TestBackend::close);
        }
    }
}
