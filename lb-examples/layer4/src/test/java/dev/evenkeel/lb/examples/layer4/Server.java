package dev.evenkeel.lb.examples.layer4;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A real server of Debian's, in a process of the test's that can be killed and started again. */
final class Server implements AutoCloseable {
    final String name;
    final int port;
    private final Path directory;
    private final List<String> command;
    private Process process;

    Server(String name, int port, Path directory, List<String> command) throws IOException {
        this.name = name;
        this.port = port;
        this.directory = directory;
        this.command = command;
        start();
    }

    /** Where a program is. Without it, the test is skipped; or fails, where servers are required. */
    static String program(String program, String debianPackage) {
        Stream<String> directories = Stream.concat(
                Stream.of(System.getenv("PATH").split(File.pathSeparator)),
                Stream.concat(Stream.of("/usr/sbin"), postgresDirectories()));
        String found = directories
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
        if (found != null) {
            return found;
        }
        String message = program + " is not installed: apt-get install --no-install-recommends " + debianPackage;
        if (Boolean.getBoolean("evenkeel.requireServers")) {
            return Assertions.fail(message);
        }
        return Assumptions.abort(message);
    }

    /** Debian keeps PostgreSQL's programs by version, out of the path. */
    private static Stream<String> postgresDirectories() {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            return Stream.empty();
        }
        try (Stream<Path> found = Files.list(versions)) {
            return found.map(version -> version.resolve("bin").toString()).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    void start() throws IOException {
        Path log = directory.resolve(name + ".log");
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            if (!process.isAlive()) {
                throw new IOException(name + " ended: " + Files.readString(log));
            }
            return listens();
        });
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** kill -9, for it and all that it has started. */
    void kill() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        process.waitFor(30, TimeUnit.SECONDS);
    }

    /** SIGSTOP: the kernel takes what comes, and nobody answers. */
    void suspend() throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("cannot stop " + name);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
