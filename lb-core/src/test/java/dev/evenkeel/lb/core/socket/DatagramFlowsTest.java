package dev.evenkeel.lb.core.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatagramFlowsTest {
    private final List<Responder> servers = new ArrayList<>();
    private LoadBalancer pool;
    private DatagramFlows flows;

    /** Answers each datagram with its name, or is silent. */
    private static final class Responder implements AutoCloseable {
        final String name;
        final DatagramSocket socket;
        volatile boolean silent;
        volatile int answerBytes;

        Responder(String name) throws IOException {
            this.name = name;
            this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread thread = new Thread(this::serve, name);
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000);
                    socket.receive(packet);
                    if (!silent) {
                        byte[] answer = answerBytes > 0 ? new byte[answerBytes] : name.getBytes(US_ASCII);
                        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                    }
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        LoadBalancerBuilder builder = LoadBalancers.builder("names").strategy(Strategies.roundRobin());
        for (int i = 0; i < 3; i++) {
            Responder server = new Responder("server-" + i);
            servers.add(server);
            builder.backend(Backend.builder("udp://127.0.0.1:" + server.socket.getLocalPort())
                    .id(server.name)
                    .build());
        }
        pool = builder.build();
        flows = DatagramFlows.builder(pool)
                .answerTimeout(Duration.ofMillis(300))
                .build();
    }

    @AfterEach
    void stop() {
        pool.close();
        servers.forEach(Responder::close);
    }

    private String ask(String flow) throws IOException {
        return new String(flows.exchange(flow, "?".getBytes(US_ASCII)), US_ASCII);
    }

    private String ask(DatagramSocket socket) throws IOException {
        socket.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress("127.0.0.1", 53)));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        assertThat(answer.getSocketAddress())
                .as("as the application sees it")
                .isEqualTo(new InetSocketAddress("127.0.0.1", 53));
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }

    private Responder server(String name) {
        return servers.get(Integer.parseInt(name.substring("server-".length())));
    }

    private long count(String id, Outcome outcome) {
        return pool.snapshot().backend(id).count(outcome);
    }

    @Test
    void queriesWithoutAFlow_areSpread() throws IOException {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < 9; i++) {
            answers.merge(ask((String) null), 1, Integer::sum);
        }

        assertThat(answers).isEqualTo(Map.of("server-0", 3, "server-1", 3, "server-2", 3));
        assertThat(count("server-1", Outcome.SUCCESS)).isEqualTo(3);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void flow_staysWithItsBackend() throws IOException {
        String first = ask("client-7");

        for (int i = 0; i < 10; i++) {
            ask((String) null);
            assertThat(ask("client-7")).isEqualTo(first);
        }
    }

    @Test
    void flow_staysWhileItsBackendDrains_andNewOnesGoElsewhere() throws IOException {
        String first = ask("client-7");
        pool.registry().drain(first, Duration.ofMinutes(1));

        assertThat(ask("client-8")).isNotEqualTo(first);
    }

    @Test
    void silence_isATimeout_andTheFlowMovesAndStays() throws IOException {
        String first = ask("client-7");
        server(first).silent = true;

        String second = ask("client-7");

        assertThat(second).isNotEqualTo(first);
        assertThat(count(first, Outcome.TIMED_OUT)).isEqualTo(1);
        server(first).silent = false;
        assertThat(ask("client-7")).isEqualTo(second);
    }

    @Test
    void portWithoutAListener_isNeverSent_andNoQueryIsLost() throws IOException {
        servers.get(0).close();

        for (int i = 0; i < 12; i++) {
            assertThat(ask((String) null)).isIn("server-1", "server-2");
        }
        assertThat(count("server-0", Outcome.NEVER_SENT)).isPositive();
        assertThat(count("server-0", Outcome.NEVER_SENT)).as("detected").isLessThan(12);
    }

    @Test
    void silenceOfAll_saysWhoWasAsked() {
        servers.forEach(server -> server.silent = true);

        assertThatThrownBy(() -> ask("client-7"))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("gave no answer within PT0.3S; tried before: server-")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void emptyPool_isTyped() {
        try (LoadBalancer empty = LoadBalancers.builder("nobody").build()) {
            assertThatThrownBy(() -> DatagramFlows.of(empty).exchange(new byte[1]))
                    .isInstanceOf(NoBackendAvailableException.class);
        }
    }

    @Test
    void answerThatIsTooLong_isAnError_notATruncatedOne() {
        servers.forEach(server -> server.answerBytes = 2_000);
        DatagramFlows narrow = DatagramFlows.builder(pool).maxAnswerBytes(1_999).build();

        assertThatThrownBy(() -> narrow.exchange(new byte[1]))
                .hasMessageContaining("answered with more than 1999 bytes; raise maxAnswerBytes");
    }

    @Test
    void socket_isAFlowByItsPort() throws IOException {
        TreeSet<String> all = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
            try (DatagramSocket socket = flows.socket()) {
                String first = ask(socket);
                assertThat(ask(socket)).isEqualTo(first);
                assertThat(ask(socket)).isEqualTo(first);
                all.add(first);
            }
        }

        assertThat(all).hasSize(3);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void socket_whoseBackendFallsSilent_asksTheNextWhileItReceives() throws IOException {
        try (DatagramSocket socket = flows.socket()) {
            String first = ask(socket);
            server(first).silent = true;

            String second = ask(socket);

            assertThat(second).isNotEqualTo(first);
            assertThat(ask(socket)).isEqualTo(second);
            assertThat(count(first, Outcome.TIMED_OUT)).isEqualTo(1);
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void socket_withATimeoutOfItsOwn_keepsIt() throws IOException {
        servers.forEach(server -> server.silent = true);
        try (DatagramSocket socket = flows.socket()) {
            socket.setSoTimeout(50);

            assertThatThrownBy(() -> ask(socket)).isInstanceOf(SocketTimeoutException.class);
            assertThat(socket.getSoTimeout()).isEqualTo(50);
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void socket_ofASilentPool_givesUpAfterItsAttempts() throws IOException {
        servers.forEach(server -> server.silent = true);
        try (DatagramSocket socket = flows.socket()) {
            assertThatThrownBy(() -> ask(socket))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("no answer from any of [server-");
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void settings_outOfRange_areRefused() {
        DatagramFlows.Builder builder = DatagramFlows.builder(pool);

        assertThatThrownBy(() -> builder.maxAttempts(101)).hasMessage("maxAttempts must be 1..100: 101");
        assertThatThrownBy(() -> builder.maxAnswerBytes(0)).hasMessage("maxAnswerBytes must be 1..65507: 0");
        assertThatThrownBy(() -> builder.answerTimeout(Duration.ofMinutes(2)))
                .hasMessage("answerTimeout must be PT0.001S to PT1M: PT2M");
    }
}
