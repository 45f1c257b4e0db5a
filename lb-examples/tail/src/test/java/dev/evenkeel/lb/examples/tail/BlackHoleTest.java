package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast failure that attracts traffic under naive least-something strategies. */
@Tag("long")
@Timeout(120)
class BlackHoleTest {
    private static final int CALLERS = 8;
    private static final int CALLS = 2_000;

    private final List<WorkServer> healthy = new ArrayList<>();
    private WorkServer blackHole;

    @BeforeEach
    void start() throws IOException {
        blackHole = new WorkServer(4, Duration.ofMillis(1), 500, 1);
        for (int i = 0; i < 4; i++) {
            healthy.add(new WorkServer(4, Duration.ofMillis(5), 200, 2 + i));
        }
    }

    @AfterEach
    void stop() {
        blackHole.close();
        healthy.forEach(WorkServer::close);
    }

    /** Without the breaker and the detector: the strategy alone must see it. */
    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "leastConnections", "weightedLeastConnections"})
    void strategyThatAvoidsFailures_leavesTheBlackHole_within100OfItsAnswers(String strategy) throws Exception {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.byName(strategy))
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(OutlierDetectors.none())
                .backends(backends())
                .build()) {
            assertThat(shareAfter100Answers(pool)).isLessThan(0.02);
        }
    }

    @Test
    void defaults_leaveTheBlackHole_within100OfItsAnswers() throws Exception {
        try (LoadBalancer pool =
                LoadBalancers.builder("users").backends(backends()).build()) {
            assertThat(shareAfter100Answers(pool)).isLessThan(0.02);
        }
    }

    private List<Backend> backends() {
        List<Backend> all = new ArrayList<>();
        all.add(Backend.of(blackHole.uri()));
        healthy.forEach(server -> all.add(Backend.of(server.uri())));
        return all;
    }

    /** The black hole's share of the calls that follow its 100th answer, or of all if it never gets that far. */
    private double shareAfter100Answers(LoadBalancer pool) throws Exception {
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
        long[] at100 = {0, 0};
        int rounds = 0;
        do {
            call(client, 20);
            rounds += 20 * CALLERS;
        } while (blackHole.requests() < 100 && rounds < 10_000);
        if (blackHole.requests() >= 100) {
            at100[0] = blackHole.requests();
            at100[1] = rounds;
        }
        call(client, CALLS / CALLERS);
        client.connectionPool().evictAll();
        return (blackHole.requests() - at100[0]) / (double) (rounds - at100[1] + CALLS);
    }

    private static void call(OkHttpClient client, int callsEach) throws Exception {
        Request request = new Request.Builder().url("http://users/").build();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            Callable<Void> caller = () -> {
                for (int i = 0; i < callsEach; i++) {
                    try (Response response = client.newCall(request).execute()) {
                        assertThat(response.code()).isIn(200, 500);
                    }
                }
                return null;
            };
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                running.add(callers.submit(caller));
            }
            for (Future<Void> each : running) {
                each.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }
}
