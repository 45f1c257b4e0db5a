package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifecycleTest {

    @Test
    void pool_withoutTimers_startsNoThread() {
        awaitNoThread(); // Those of earlier tests end when they are idle.
        LoadBalancer pool =
                LoadBalancers.builder("quiet").backends("http://127.0.0.1:1").build();

        assertThat(ourThreads()).isEmpty();
        pool.close();
    }

    @Test
    void tcpCheck_seesAListenerComeAndGo_andLeavesNoThreadBehind() throws IOException {
        int port;
        LoadBalancer pool;
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            pool = LoadBalancers.builder("users")
                    .backend(Backend.builder("http://127.0.0.1:" + port)
                            .id("literal")
                            .build())
                    .backend(Backend.builder("http://localhost:" + port)
                            .id("named")
                            .build())
                    .healthCheck(HealthCheckPolicy.of(HealthChecks.tcp())
                            .withInterval(Duration.ofMillis(20))
                            .withThresholds(2, 2))
                    .build();
            awaitHealth(pool, HealthState.UP);
            assertThat(pool.snapshot().backend("literal").healthCause()).isEqualTo("connected");
        }
        awaitHealth(pool, HealthState.DOWN);
        assertThat(pool.snapshot().backend("literal").healthCause()).isEqualTo("connection refused");
        try (ServerSocket again = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            awaitHealth(pool, HealthState.UP);
            assertThat(again.isBound()).isTrue();
        }
        assertThat(ourThreads()).isNotEmpty();

        pool.close();

        awaitNoThread();
    }

    private static void awaitNoThread() {
        await().untilAsserted(() -> assertThat(ourThreads()).isEmpty());
    }

    private static void awaitHealth(LoadBalancer pool, HealthState state) {
        await().untilAsserted(() -> {
            assertThat(pool.snapshot().backend("literal").health()).isEqualTo(state);
            assertThat(pool.snapshot().backend("named").health()).isEqualTo(state);
        });
    }

    /** But for the one that waits for sockets that are dropped unclosed: once for a process, whatever tests ran before. */
    private static java.util.List<String> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("evenkeel-") || name.contains("ircuit"))
                .filter(name -> !name.equals("evenkeel-leaked-sockets"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "http://users", "users:80", "-users", "users/", "ünder", "[::1]"})
    void poolName_thatIsNoHost_isRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBalancers.builder(name))
                .withMessage("pool name must be a host name or an IP literal, of letters, digits, dots, hyphens and"
                        + " underscores: \"" + name + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"users", "Users.Example.com", "my_service", "10.0.0.1", "::1", "2001:db8::1", "a"})
    void poolName_thatIsAHost_isTaken(String name) {
        try (LoadBalancer pool = LoadBalancers.builder(name).build()) {
            assertThat(pool.name()).isEqualTo(name);
        }
    }
}
