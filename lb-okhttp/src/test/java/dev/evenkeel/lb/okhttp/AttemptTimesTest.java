package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The times of a call's trace and those of its pool's figures: one reading for both, unless the pool has a clock of its own. */
class AttemptTimesTest {
    private final List<Duration> latencies = new CopyOnWriteArrayList<>();
    private final List<Duration> calls = new CopyOnWriteArrayList<>();
    private LoadBalancer pool;

    private Response answered(LoadBalancerBuilder builder) throws IOException {
        pool = builder.backend(Backend.of("http://127.0.0.1:1")).build();
        pool.addObserver(new AttemptObserver() {
            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                latencies.add(Duration.ofNanos(latencyNanos));
            }

            @Override
            public void callEnded(CallOutcome outcome, long durationNanos) {
                calls.add(Duration.ofNanos(durationNanos));
            }
        });
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool)
                .newBuilder()
                .addInterceptor(chain -> new Response.Builder()
                        .request(chain.request())
                        .protocol(Protocol.HTTP_1_1)
                        .code(200)
                        .message("OK")
                        .body(ResponseBody.create("ok", null))
                        .build())
                .build();
        Request request = new Request.Builder().url("http://users/").build();
        try (Response response = client.newCall(request).execute()) {
            assertThat(response.body().string()).isEqualTo("ok");
            return response;
        }
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void attemptAndItsLease_beginAndEndAtTheSameMoments() throws IOException {
        CallTrace trace =
                LoadBalancing.trace(answered(LoadBalancers.builder("users"))).orElseThrow();
        assertThat(trace.attempts())
                .extracting(CallTrace.AttemptTrace::duration)
                .isEqualTo(latencies);
        assertThat(latencies)
                .singleElement()
                .satisfies(latency -> assertThat(latency).isPositive());
    }

    @Test
    void call_lastsAsLongAsThePassThroughTheInterceptor() throws IOException {
        long startNanos = System.nanoTime();
        answered(LoadBalancers.builder("users"));
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
        assertThat(calls)
                .singleElement()
                .satisfies(call -> assertThat(call).isPositive().isLessThanOrEqualTo(elapsed));
    }

    @Test
    void poolWithAClockOfItsOwn_goesByIt_andTheTraceByTheProcesss() throws IOException {
        CallTrace trace = LoadBalancing.trace(
                        answered(LoadBalancers.builder("users").timeSource(() -> 7)))
                .orElseThrow();
        assertThat(latencies).containsExactly(Duration.ZERO);
        assertThat(trace.attempts())
                .singleElement()
                .satisfies(attempt -> assertThat(attempt.duration()).isPositive());
    }
}
