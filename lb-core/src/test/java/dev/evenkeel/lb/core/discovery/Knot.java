package dev.evenkeel.lb.core.discovery;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.xbill.DNS.Type;

/** A real Knot DNS with a directory of its own that serves the zone {@code test}; the system's is not touched. */
final class Knot implements AutoCloseable {
    private final Path directory;
    private final int port;
    private Process process;
    private int serial;

    Knot(Path directory) throws IOException {
        this.directory = directory;
        this.port = freePort();
        Files.writeString(directory.resolve("knot.conf"), """
                server:
                    listen: 127.0.0.1@%d
                    rundir: %s
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                control:
                    listen: %s
                log:
                  - target: stderr
                    any: info
                database:
                    storage: %s
                template:
                  - id: default
                    storage: %s
                    file: "%%s.zone"
                    zonefile-load: whole
                    journal-content: none
                zone:
                  - domain: test
                """.formatted(
                        port, directory, directory.resolve("s"), directory.resolve("db"), directory));
    }

    /** Where it is. Without it, the test is skipped; or fails, where servers are required. */
    private static Path binary() {
        Path found = Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, "knotd"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found != null) {
            return found;
        }
        String message = "knotd is not installed: apt-get install --no-install-recommends knot";
        return Boolean.getBoolean("evenkeel.requireServers") ? Assertions.fail(message) : Assumptions.abort(message);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Serves these records from now on. */
    void serve(String... records) throws IOException {
        Files.writeString(
                directory.resolve("test.zone"),
                "test. 1 SOA ns.test. admin.test. " + ++serial + " 3600 600 86400 1\n" + "test. 60 NS ns.test.\n"
                        + "ns.test. 60 A 127.0.0.1\n" + "serial.test. 0 A 127.0.0." + serial + "\n"
                        + String.join("\n", records) + "\n");
        if (process == null) {
            start();
        } else {
            // Reads its zones again.
            new ProcessBuilder("kill", "-HUP", String.valueOf(process.pid())).start();
        }
        String current = "/127.0.0." + serial;
        await().atMost(Duration.ofSeconds(30)).until(() -> says(current));
    }

    /** Serves nothing from now on, but says so: SERVFAIL. */
    void loseTheZone() throws IOException {
        stop();
        Files.delete(directory.resolve("test.zone"));
        start();
        await().atMost(Duration.ofSeconds(30)).until(() -> says("SERVFAIL"));
    }

    void stop() throws IOException {
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process = null;
        }
    }

    private void start() throws IOException {
        process = new ProcessBuilder(
                        binary().toString(),
                        "-c",
                        directory.resolve("knot.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
    }

    private boolean says(String expected) throws IOException {
        if (!process.isAlive()) {
            throw new IOException("knotd ended: " + Files.readString(directory.resolve("output.log")));
        }
        try (DnsClient client = new DnsClient(DnsClientTest.settings(Duration.ofSeconds(1), address()))) {
            return client.ask(FakeZone.name("serial.test"), Type.A).toString().contains(expected.substring(1));
        } catch (IOException e) {
            return e.getMessage().contains(expected);
        }
    }

    @Override
    public void close() throws IOException {
        stop();
    }

    /** Free for UDP and TCP alike. */
    private static int freePort() throws IOException {
        for (int attempt = 0; ; attempt++) {
            try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress())) {
                return udp.getLocalPort();
            } catch (IOException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }
}
