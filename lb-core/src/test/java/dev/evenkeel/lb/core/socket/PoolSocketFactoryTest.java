package dev.evenkeel.lb.core.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolSocketFactoryTest {
    private final List<EchoServer> servers = new ArrayList<>();
    private LoadBalancer pool;
    private PoolSocketFactory sockets;

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < 3; i++) {
            servers.add(new EchoServer("server-" + i));
        }
        use(builder().build());
    }

    private LoadBalancerBuilder builder() {
        LoadBalancerBuilder builder = LoadBalancers.builder("echo").strategy(Strategies.leastConnections());
        for (EchoServer server : servers) {
            builder.backend(Backend.builder("tcp://127.0.0.1:" + server.port())
                    .id(server.name)
                    .build());
        }
        return builder;
    }

    private void use(LoadBalancer other) {
        if (pool != null) {
            pool.close();
        }
        pool = other;
        sockets = PoolSocketFactory.of(pool);
    }

    @AfterEach
    void stop() throws IOException {
        pool.close();
        for (EchoServer server : servers) {
            server.close();
        }
    }

    private static String greeting(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
    }

    private int inFlight(String id) {
        return pool.snapshot().backend(id).inFlight();
    }

    private long count(String id, Outcome outcome) {
        return pool.snapshot().backend(id).count(outcome);
    }

    @Test
    void connections_areWhatLeastConnectionsCounts() throws IOException {
        Map<String, Integer> greeted = new TreeMap<>();
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Socket socket = sockets.createSocket("echo", 1);
            open.add(socket);
            greeted.merge(greeting(socket), 1, Integer::sum);
        }

        assertThat(greeted).isEqualTo(Map.of("server-0", 3, "server-1", 3, "server-2", 3));
        assertThat(pool.snapshot().inFlight()).isEqualTo(9);
        for (Socket socket : open) {
            socket.close();
        }
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(count("server-0", Outcome.SUCCESS)).isEqualTo(3);
    }

    @Test
    void connectionThatThePoolCloses_saysWhy_onReadAndWrite() throws Exception {
        try (Socket socket = sockets.createSocket("echo", 1)) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            assertThat(in.readNBytes("server-".length())).asString(US_ASCII).isEqualTo("server-");
            String id = pool.snapshot().backends().stream()
                    .filter(status -> status.inFlight() == 1)
                    .map(status -> status.backend().id())
                    .findFirst()
                    .orElseThrow();

            DrainReport report = pool.registry()
                    .drain(id, DrainPolicy.of(Duration.ofMillis(20)).withCloseAtDeadline(true))
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(report.closed()).isEqualTo(1);
            assertThat(report.isComplete()).isTrue();
            await().until(socket::isClosed);
            for (ThrowingCallable use :
                    List.<ThrowingCallable>of(in::read, () -> out.write(1), () -> out.write(new byte[9]))) {
                assertThatThrownBy(use)
                        .isInstanceOf(StreamClosedException.class)
                        .hasMessageContaining("backend " + id)
                        .hasCauseInstanceOf(IOException.class);
            }
            assertThat(count(id, Outcome.CANCELLED)).isEqualTo(1);
        }
    }

    @Test
    void connect_refused_movesOnToTheNextBackend() throws IOException {
        servers.get(0).kill();
        servers.get(1).kill();

        for (int i = 0; i < 5; i++) {
            try (Socket socket = sockets.createSocket()) {
                socket.setSoTimeout(5_000);
                socket.connect(InetSocketAddress.createUnresolved("echo", 1), 5_000);
                assertThat(greeting(socket)).isEqualTo("server-2");
                assertThat(socket.getSoTimeout()).as("set before the connect").isEqualTo(5_000);
            }
        }
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(count("server-0", Outcome.NEVER_SENT) + count("server-1", Outcome.NEVER_SENT))
                .as("one of the two had a turn")
                .isPositive();
    }

    @Test
    void connect_whenAllRefuse_saysWhoWasTriedWhereAndWhy() throws IOException {
        for (EchoServer server : servers) {
            server.kill();
        }

        assertThatThrownBy(() -> sockets.createSocket("echo", 1))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("pool \"echo\": cannot connect to backend server-")
                .hasMessageContaining("server-0 at 127.0.0.1:" + servers.get(0).port() + " (Connection refused)")
                .hasMessageEndingWith("; no other backend is available")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void connect_toAnEmptyPool_isTyped() {
        use(LoadBalancers.builder("nobody").build());

        assertThatThrownBy(() -> sockets.createSocket("echo", 1))
                .isInstanceOf(NoBackendAvailableException.class)
                .hasMessageContaining("it has no backends");
    }

    @Test
    void connect_toOneThatDoesNotAccept_movesOnWithinItsTimeout() throws IOException {
        // A listen queue that is full: the kernel answers no further connect.
        try (ServerSocket deaf = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            List<Socket> fillers = new ArrayList<>();
            try {
                fill(deaf, fillers);
                use(LoadBalancers.builder("echo")
                        .strategy(Strategies.roundRobin())
                        .backends(
                                "tcp://127.0.0.1:" + deaf.getLocalPort(),
                                "tcp://127.0.0.1:" + servers.get(0).port())
                        .build());
                sockets = PoolSocketFactory.builder(pool)
                        .attemptTimeout(Duration.ofMillis(200))
                        .build();

                for (int i = 0; i < 2; i++) {
                    try (Socket socket = sockets.createSocket("echo", 1)) {
                        assertThat(greeting(socket)).isEqualTo("server-0");
                    }
                }
            } finally {
                for (Socket filler : fillers) {
                    filler.close();
                }
            }
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    private static void fill(ServerSocket deaf, List<Socket> fillers) throws IOException {
        while (fillers.size() < 20) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(deaf.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("the listen queue does not fill");
    }

    @Test
    void backend_thatHangsUpWithoutAWord_hasFailed() throws IOException {
        servers.get(0).hangUp();
        use(LoadBalancers.builder("echo")
                .backend(Backend.builder("tcp://127.0.0.1:" + servers.get(0).port())
                        .id("server-0")
                        .build())
                .build());

        try (Socket socket = sockets.createSocket("echo", 1)) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }

        assertThat(count("server-0", Outcome.FAILED)).isEqualTo(1);
        assertThat(inFlight("server-0")).isZero();
    }

    @Test
    void connection_thatIsReset_hasFailed() throws IOException {
        try (Socket socket = sockets.createSocket("echo", 1)) {
            String name = greeting(socket);
            EchoServer dying = servers.get(Integer.parseInt(name.substring("server-".length())));
            dying.kill();

            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(count(name, Outcome.FAILED)).isEqualTo(1);
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void connection_closedAfterAWaitInVain_hasTimedOut() throws IOException {
        String name;
        try (Socket socket = sockets.createSocket("echo", 1)) {
            name = greeting(socket);
            socket.setSoTimeout(1);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(count(name, Outcome.TIMED_OUT)).isEqualTo(1);
    }

    @Test
    void drain_letsConnectionsEndByThemselves() throws Exception {
        try (Socket socket = sockets.createSocket("echo", 1)) {
            String name = greeting(socket);
            CompletableFuture<?> drained =
                    pool.registry().drain(name, Duration.ofMinutes(1)).toCompletableFuture();

            socket.getOutputStream().write('x');
            assertThat(socket.getInputStream().read()).isEqualTo('x');
            assertThat(drained).isNotDone();
            for (int i = 0; i < 6; i++) {
                try (Socket other = sockets.createSocket("echo", 1)) {
                    assertThat(greeting(other)).isNotEqualTo(name);
                }
            }
            socket.close();
            drained.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void close_whileConnecting_endsTheConnect() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            List<Socket> fillers = new ArrayList<>();
            fill(deaf, fillers);
            use(LoadBalancers.builder("echo")
                    .backends("tcp://127.0.0.1:" + deaf.getLocalPort())
                    .build());
            Socket socket = sockets.createSocket();
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread connecting = new Thread(() -> {
                try {
                    socket.connect(InetSocketAddress.createUnresolved("echo", 1), 60_000);
                } catch (IOException e) {
                    failure.complete(e);
                }
            });
            connecting.start();
            await().until(() -> pool.snapshot().inFlight() == 1);
            socket.close();

            assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
            await().until(() -> pool.snapshot().inFlight() == 0);
            for (Socket filler : fillers) {
                filler.close();
            }
        }
    }

    @Test
    void socket_droppedUnclosed_givesItsLeaseBack() throws IOException {
        greeting(sockets.createSocket("echo", 1));

        await().until(() -> {
            System.gc();
            return pool.snapshot().inFlight() == 0;
        });
    }

    @Test
    void publishedFactory_isFoundByName() throws Exception {
        try (NamedSocketFactory.Publication published = NamedSocketFactory.publish("echo-test", sockets)) {
            try (Socket socket = new NamedSocketFactory("echo-test").createSocket("any", 1)) {
                assertThat(greeting(socket)).startsWith("server-");
            }
            assertThatThrownBy(() -> NamedSocketFactory.publish("echo-test", sockets))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new NamedSocketFactory("nothing"))
                    .hasMessage("no socket factory is published as \"nothing\"; published are [echo-test];"
                            + " call NamedSocketFactory.publish first");
        }
        assertThatThrownBy(() -> new NamedSocketFactory("echo-test")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void timeouts_outOfRange_areRefused() {
        PoolSocketFactory.Builder builder = PoolSocketFactory.builder(pool);

        assertThatThrownBy(() -> builder.attemptTimeout(Duration.ZERO))
                .hasMessage("attemptTimeout must be PT0.001S to PT1H: PT0S");
        assertThatThrownBy(() -> builder.maxAttempts(0)).hasMessage("maxAttempts must be 1..100: 0");
        assertThatThrownBy(() -> sockets.createSocket().connect(new InetSocketAddress("127.0.0.1", 1), -1))
                .hasMessage("connect timeout must not be negative: -1");
    }
}
