package dev.evenkeel.lb.examples.layer4;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.socket.DatagramFlows;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries over three Knot DNS servers, each of which answers {@code who.test} with an address of its own. */
class NameServersTest {
    @TempDir
    Path directory;

    private final List<Server> servers = new ArrayList<>();
    private final Random random = new Random(20_261_125);
    private LoadBalancer pool;
    private DatagramFlows flows;

    @BeforeEach
    void start() throws IOException {
        String knot = Server.program("knotd", "knot");
        LoadBalancerBuilder builder = LoadBalancers.builder("names").strategy(Strategies.roundRobin());
        for (int i = 0; i < 3; i++) {
            String name = "knot-" + i;
            int port = Server.freePort();
            Path home = Files.createDirectory(directory.resolve(name));
            Files.writeString(home.resolve("test.zone"), """
                    $ORIGIN test.
                    @ 60 SOA ns.test. admin.test. 1 60 60 60 60
                    @ 60 NS ns.test.
                    ns 60 A 127.0.0.1
                    who 60 A 127.0.1.%d
                    """.formatted(i));
            Path config = Files.writeString(home.resolve("knot.conf"), """
                    server:
                        rundir: %1$s
                        listen: 127.0.0.1@%2$d
                    database:
                        storage: %1$s
                    log:
                      - target: stderr
                        any: warning
                    template:
                      - id: default
                        storage: %1$s
                        zonefile-sync: -1
                    zone:
                      - domain: test
                        file: test.zone
                    """.formatted(home, port));
            servers.add(new Server(name, port, home, List.of(knot, "-c", config.toString())));
            builder.backend(Backend.builder("udp://127.0.0.1:" + port).id(name).build());
        }
        pool = builder.build();
        flows = DatagramFlows.builder(pool)
                .answerTimeout(Duration.ofMillis(500))
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        if (pool != null) {
            pool.close();
        }
        for (Server server : servers) {
            server.close();
        }
    }

    @Test
    void queries_areSpread() throws IOException {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            answers.merge(whoAnswers((String) null), 1, Integer::sum);
        }

        assertThat(answers).isEqualTo(Map.of("knot-0", 10, "knot-1", 10, "knot-2", 10));
    }

    @Test
    void flow_staysWithItsServer() throws IOException {
        String first = whoAnswers("client-7");
        for (int i = 0; i < 20; i++) {
            assertThat(whoAnswers("client-7")).isEqualTo(first);
        }
        try (DatagramSocket socket = flows.socket()) {
            String own = whoAnswers(socket);
            assertThat(whoAnswers(socket)).isEqualTo(own);
        }
    }

    @Test
    void serverThatIsStopped_getsNoMore_andNoQueryIsLost() throws Exception {
        for (int i = 0; i < 60; i++) {
            whoAnswers((String) null);
        }
        servers.get(0).kill();
        for (int i = 0; i < 600; i++) {
            assertThat(whoAnswers((String) null)).isNotEqualTo("knot-0");
        }

        assertThat(pool.snapshot().backend("knot-0").count(Outcome.NEVER_SENT))
                .as("queries until it was detected, and trials afterwards")
                .isBetween(1L, 20L);
    }

    @Test
    void serverThatHangs_getsNoMore_andNoQueryIsLost() throws Exception {
        servers.get(0).suspend();
        for (int i = 0; i < 600; i++) {
            assertThat(whoAnswers("client-" + i)).isNotEqualTo("knot-0");
        }

        assertThat(pool.snapshot().backend("knot-0").count(Outcome.TIMED_OUT))
                .as("queries until it was detected, and trials afterwards")
                .isBetween(1L, 20L);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    private String whoAnswers(String flow) throws IOException {
        byte[] query = query();
        return name(query, ByteBuffer.wrap(flows.exchange(flow, query)));
    }

    private String whoAnswers(DatagramSocket socket) throws IOException {
        byte[] query = query();
        socket.send(new DatagramPacket(query, query.length, new InetSocketAddress("127.0.0.1", 53)));
        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
        socket.receive(answer);
        return name(query, ByteBuffer.wrap(answer.getData(), 0, answer.getLength()));
    }

    /** RFC 1035, section 4: a question for the address of who.test. */
    private byte[] query() {
        ByteArrayOutputStream query = new ByteArrayOutputStream();
        query.write(random.nextInt(256));
        query.write(random.nextInt(256));
        query.writeBytes(new byte[] {1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : List.of("who", "test", "")) {
            query.write(label.length());
            query.writeBytes(label.getBytes(US_ASCII));
        }
        query.writeBytes(new byte[] {0, 1, 0, 1});
        return query.toByteArray();
    }

    private static String name(byte[] query, ByteBuffer answer) {
        assertThat(answer.getShort(0))
                .as("the query's id")
                .isEqualTo(ByteBuffer.wrap(query).getShort(0));
        assertThat(answer.getShort(6)).as("answers").isEqualTo((short) 1);
        return "knot-" + answer.get(query.length + 15);
    }
}
