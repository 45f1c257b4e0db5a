package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions over real sockets while servers are drained, put back, killed and started again, one at a time. */
@Timeout(120)
class SessionStressTest {
    private static final int CALLERS = 3;
    private static final int CHANGES = 24;
    private static final String CUT_OFF = "cut off";

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void sessionsUnderDrainsAndKills_loseNoCall_andLeaveNothingInFlight(long seed) throws Exception {
        List<TestBackend> servers = new ArrayList<>();
        List<Backend> backends = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            TestBackend server = TestBackend.start(name, Wire.H1);
            servers.add(server);
            backends.add(server.backend());
        }
        LoadBalancer pool = LoadBalancers.builder("users")
                .backends(backends)
                .sessionIdleTimeout(Duration.ofMillis(50))
                .build();
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .sessions(SessionPolicy.byTable(AffinityKey.header("X-User")))
                .retries(RetryPolicy.builder()
                        .budget(RetryBudgets.unlimited())
                        .backoff(Duration.ofMillis(5), Duration.ofMillis(50))
                        .maxAttempts(20)
                        .build())
                .attach(TestBackend.client(Wire.H1).build());
        AtomicBoolean stop = new AtomicBoolean();
        LongAdder answered = new LongAdder();
        LongAdder cutOff = new LongAdder();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed * 100 + i);
                running.add(threads.submit(() -> {
                    while (!stop.get()) {
                        Request request = new Request.Builder()
                                .url("http://users/x")
                                .header("X-User", "user " + random.nextInt(10))
                                .build();
                        try (Response response = client.newCall(request).execute()) {
                            String body = body(response);
                            assertThat(body).isIn("a", "b", "c", CUT_OFF);
                            if (body.equals(CUT_OFF)) {
                                cutOff.increment();
                            }
                        }
                        answered.increment();
                    }
                    return null;
                }));
            }
            Random random = new Random(seed);
            int kills = 0;
            for (int i = 0; i < CHANGES; i++) {
                long before = answered.sum();
                if (disturb(random, pool, servers)) {
                    kills++;
                }
                await().atMost(Duration.ofSeconds(60)).until(() -> answered.sum() >= before + 20);
            }
            stop.set(true);
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(cutOff.sum())
                    .as("a server that is killed cuts off no more than each caller's answer")
                    .isLessThanOrEqualTo((long) kills * CALLERS);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(pool.snapshot().inFlight()).isZero());
        } finally {
            stop.set(true);
            threads.shutdownNow();
            servers.forEach(TestBackend::close);
            pool.close();
        }
    }

    /** A server that is closed between the headers and the body cuts the answer off, which nobody can try elsewhere. */
    private static String body(Response response) throws IOException {
        try {
            return response.body().string();
        } catch (ProtocolException e) {
            return CUT_OFF;
        }
    }

    /** Takes one out, and puts it back. True if it was killed. */
    private static boolean disturb(Random random, LoadBalancer pool, List<TestBackend> servers) throws Exception {
        int index = random.nextInt(servers.size());
        TestBackend server = servers.get(index);
        boolean killed = random.nextInt(3) == 0;
        if (killed) {
            int port = server.server.getPort();
            server.close();
            servers.set(
                    index,
                    TestBackend.start(
                            server.name, Wire.H1, TestBackend.LOGICAL, InetAddress.getLoopbackAddress(), port));
        } else {
            var drained = pool.registry().drain(server.name, Duration.ofMillis(100 + random.nextInt(200)));
            if (random.nextBoolean()) {
                drained.toCompletableFuture().get(60, TimeUnit.SECONDS);
            }
            pool.registry().activate(server.name);
        }
        return killed;
    }
}
