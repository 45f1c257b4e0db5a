package dev.evenkeel.lb.okhttp.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The connection of a check is set up within the timeout of the first one: that is told, and costs no backend its calls by itself. */
@Timeout(60)
class CheckSetUpTest {
    private static final Duration TIMEOUT = Duration.ofMillis(100);

    private final OkHttpClient client = new OkHttpClient();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("dev.evenkeel.lb");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            if (logged.getMessage().contains("a check was not connected")) {
                lines.add(logged.getLevel() + " " + logged.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Accepts connections, and answers no handshake. */
    private ServerSocket silent;

    @BeforeEach
    void start() throws IOException {
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        logger.addHandler(handler);
    }

    @AfterEach
    void stop() throws IOException {
        logger.removeHandler(handler);
        silent.close();
        client.dispatcher().executorService().shutdownNow();
    }

    private Backend withoutHandshake() {
        return Backend.of("https://127.0.0.1:" + silent.getLocalPort());
    }

    private static HealthResult result(HealthCheck check, Backend backend) throws Exception {
        return result(check, backend, TIMEOUT);
    }

    private static HealthResult result(HealthCheck check, Backend backend, Duration timeout) throws Exception {
        return check.check(backend, timeout).toCompletableFuture().get(50, TimeUnit.SECONDS);
    }

    @Test
    void timeoutBeforeTheConnection_isLoggedOnce() throws Exception {
        HealthCheck check = HttpHealthCheck.builder(client, "users").build();
        assertThat(result(check, withoutHandshake()).healthy()).isFalse();
        assertThat(result(check, withoutHandshake()).healthy()).isFalse();

        assertThat(lines)
                .containsExactly("INFO backend 127.0.0.1:" + silent.getLocalPort()
                        + ": a check was not connected within its timeout, PT0.1S, which is for the look-up of the name,"
                        + " the connection and the handshake of a first check, too; logged once");
    }

    @Test
    void timeoutAfterTheConnection_andRefusedConnection_areNot() throws Exception {
        HealthCheck check = HttpHealthCheck.builder(client, "users").build();
        try (MockWebServer server = new MockWebServer()) {
            server.start();
            Backend backend = Backend.of("http://127.0.0.1:" + server.getPort());
            server.enqueue(new MockResponse.Builder().build());
            assertThat(result(check, backend, Duration.ofSeconds(30)).healthy()).isTrue();
            server.enqueue(new MockResponse.Builder()
                    .onResponseStart(SocketEffect.Stall.INSTANCE)
                    .build());
            assertThat(result(check, backend, Duration.ofSeconds(2)).healthy()).isFalse();
        }
        int closed = silent.getLocalPort();
        silent.close();
        assertThat(result(check, Backend.of("http://127.0.0.1:" + closed), Duration.ofSeconds(30))
                        .healthy())
                .isFalse();

        assertThat(lines).isEmpty();
    }

    @Test
    void firstCheck_thatIsNotConnectedInTime_leavesTheBackendItsCalls_andSaysHowManyMoreItTakes() {
        HealthCheckPolicy policy = HealthCheckPolicy.builder(
                        HttpHealthCheck.builder(client, "users").build())
                .timeout(TIMEOUT)
                .interval(Duration.ofHours(1))
                .fastInterval(Duration.ofHours(1))
                .fall(3)
                .build();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backend(withoutHandshake())
                .healthCheck(policy)
                .build()) {
            String id = withoutHandshake().id();
            await().atMost(Duration.ofSeconds(30)).until(() -> !lines.isEmpty());
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(pool.snapshot().backend(id).healthCause())
                            .as("the pool's timer, or OkHttp's")
                            .matches("1 of 3 failures: "
                                    + "(no result within PT0\\.1S|java\\.io\\.InterruptedIOException: timeout)"));
            BackendStatus status = pool.snapshot().backend(id);
            assertThat(status.health()).isEqualTo(HealthState.UNKNOWN);
            assertThat(status.isEligible()).isTrue();
        }
    }

    @Test
    void laterCheck_needsNoSetUp() throws Exception {
        HealthCheck check = HttpHealthCheck.builder(client, "users").build();
        try (MockWebServer server = new MockWebServer()) {
            server.start();
            Backend backend = Backend.of("http://127.0.0.1:" + server.getPort());
            for (int i = 0; i < 3; i++) {
                server.enqueue(new MockResponse.Builder().build());
                assertThat(result(check, backend, Duration.ofSeconds(30)).healthy())
                        .isTrue();
                assertThat(server.takeRequest().getExchangeIndex()).isEqualTo(i);
            }
        }
    }
}
