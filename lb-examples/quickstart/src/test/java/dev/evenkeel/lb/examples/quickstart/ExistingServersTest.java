package dev.evenkeel.lb.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExistingServersTest {
    @TempDir
    Path directory;

    @Test
    void servers_thatAnswer_areCalledAsOftenAsAsked() throws IOException, InterruptedException {
        try (Replica a = new Replica("a", Duration.ofMillis(1));
                Replica b = new Replica("b", Duration.ofMillis(1))) {
            Program run = run(config(a.address(), b.address()), "--requests", "200", "--concurrency", "4");

            assertThat(run.code()).as(run.out()).isZero();
            assertThat(run.sent()).isEqualTo(200);
            assertThat(run.failed()).isZero();
            assertThat(run.distribution()).isEqualTo(Map.of(a.address(), 100L, b.address(), 100L));
            assertThat(run.out()).contains(" calls a second, by http/1.1; attempts that failed: 0");
        }
    }

    @Test
    void servers_thatAllRefuse_failEveryCallWithTheReasons() throws IOException, InterruptedException {
        Program run = run(config(closed(), closed()), "--requests", "50");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.sent()).isEqualTo(50);
        assertThat(run.failed()).isEqualTo(50);
        assertThat(run.distribution()).isEmpty();
        assertThat(run.out())
                .containsPattern("calls? failed: pool \"users\" failed after 2 attempts: .*Connection refused")
                .endsWith("distribution: no answers" + System.lineSeparator());
    }

    @Test
    void oneServer_thatRefuses_failsNoCall() throws IOException, InterruptedException {
        try (Replica a = new Replica("a", Duration.ofMillis(1))) {
            Program run = run(config(a.address(), closed()), "--requests", "100");

            assertThat(run.code()).as(run.out()).isZero();
            assertThat(run.distribution()).containsOnlyKeys(a.address());
        }
    }

    @Test
    void http2_ofAServerThatDoesNotSpeakIt_failsEveryCall() throws IOException, InterruptedException {
        try (Replica a = new Replica("a", Duration.ofMillis(1))) {
            Program run = run(config(a.address()), "--requests", "10", "--http2");

            assertThat(run.code()).isEqualTo(1);
            assertThat(run.failed()).isEqualTo(10);
        }
    }

    @Test
    void configuration_withFaults_isRefusedWithAllOfThem() throws IOException, InterruptedException {
        Path config = Files.writeString(
                directory.resolve("pools.json"), "{\"pools\":[{\"name\":\"users\",\"backends\":[\"ftp://a\",1]}]}");

        Program run = run(config);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("quickstart: " + config + " has 2 faults:")
                .contains("$.pools[0].backends[0]: ", "$.pools[0].backends[1]: ");
    }

    @Test
    void configuration_thatIsMissing_isRefused() throws InterruptedException {
        Program run = run(directory.resolve("none.json"));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("NoSuchFileException").contains("none.json");
    }

    @Test
    void url_ofNoPool_isRefusedWithTheNamesThatThereAre() throws IOException, InterruptedException {
        Program run = Program.run("--config", config("127.0.0.1:1").toString(), "--url", "http://user/");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("quickstart: the host of --url must be the name of a pool, one of users: \"user\"");
    }

    @Test
    void certificates_thatAreNone_areRefused() throws IOException, InterruptedException {
        Path pem = Files.writeString(directory.resolve("ca.pem"), "nothing\n");

        Program run = run(config("127.0.0.1:1"), "--ca", pem.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).startsWith("quickstart: --ca must be a PEM file with certificates: \"" + pem + "\"");
    }

    @Test
    void example_isAConfigurationThatWorks() throws InterruptedException {
        Program run = Program.run("--config", "example.json", "--url", "http://users/", "--requests", "1");

        assertThat(run.err()).isEmpty();
        assertThat(run.sent()).isEqualTo(1);
    }

    private static Program run(Path config, String... more) throws InterruptedException {
        String[] args = {"--config", config.toString(), "--url", "http://users/"};
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Program.run(all);
    }

    private Path config(String... addresses) throws IOException {
        String backends = Arrays.stream(addresses)
                .map(address -> "\"http://" + address + "\"")
                .collect(Collectors.joining(","));
        return Files.writeString(
                directory.resolve("pools.json"),
                "{\"pools\":[{\"name\":\"users\",\"strategy\":\"roundRobin\",\"backends\":[" + backends + "]}]}");
    }

    /** An address where nobody listens. */
    private static String closed() throws IOException {
        try (ServerSocket socket = Ports.listenAnywhere()) {
            InetSocketAddress address = (InetSocketAddress) socket.getLocalSocketAddress();
            return address.getHostString() + ":" + address.getPort();
        }
    }
}
