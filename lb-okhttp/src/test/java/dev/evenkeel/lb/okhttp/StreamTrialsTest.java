package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams that answer well end a backend's trial while they are open. */
@Timeout(60)
class StreamTrialsTest {
    private static final BreakerPolicy QUICK = BreakerPolicy.builder()
            .minCalls(4)
            .openDuration(Duration.ofMillis(50))
            .halfOpenTimeout(Duration.ofMinutes(1))
            .build();

    @ParameterizedTest
    @EnumSource(
            value = Wire.class,
            names = {"H1", "H2_TLS"})
    void halfOpenBreaker_streamsOfTheTrialAnswerWell_closesWhileTheyAreOpen(Wire wire) throws IOException {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                LoadBalancer pool = LoadBalancers.builder("users")
                        .backend(a.backend())
                        .backend(b.backend())
                        .strategy(Strategies.roundRobin())
                        .outlierDetection(OutlierDetectors.none())
                        .circuitBreaker(QUICK)
                        .build();
                OpenResponses open = new OpenResponses()) {
            a.answer(request -> new MockResponse.Builder().code(500).build());
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .maxAttempts(1)
                    .attach(TestBackend.client(wire).build());
            for (int i = 0; i < 8; i++) {
                client.newCall(Calls.get(wire.scheme() + "://users/x"))
                        .execute()
                        .close();
            }
            await().until(() -> breaker(pool) == BreakerState.HALF_OPEN);

            a.answer(request ->
                    new MockResponse.Builder().body(new OpenStream(open.ended)).build());
            for (int i = 0; i < 8; i++) {
                open.responses.add(
                        client.newCall(Calls.get(wire.scheme() + "://users/x")).execute());
            }

            await().until(() -> breaker(pool) == BreakerState.CLOSED);
            assertThat(pool.snapshot().backend("a").inFlight()).isEqualTo(4);
        }
    }

    private static BreakerState breaker(LoadBalancer pool) {
        return pool.snapshot().backend("a").breaker();
    }

    /** The streams that are open: their end, on both sides, is the end of the test. */
    private static final class OpenResponses implements AutoCloseable {
        final CountDownLatch ended = new CountDownLatch(1);
        final List<Response> responses = new ArrayList<>();

        @Override
        public void close() {
            ended.countDown();
            responses.forEach(Response::close);
        }
    }

    /** One line, and then silence until the test has ended. */
    private record OpenStream(CountDownLatch ended) implements MockResponseBody {
        @Override
        public long getContentLength() {
            return -1;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("data: hello\n\n").flush();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
