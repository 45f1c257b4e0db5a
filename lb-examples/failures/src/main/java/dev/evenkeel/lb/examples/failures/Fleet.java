package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Five nginx servers, {@code nginx-1} to {@code nginx-5}, and what is behind them. */
final class Fleet implements AutoCloseable {
    static final int SERVERS = 5;

    private final Path directory;
    private final List<NginxServer> servers = new ArrayList<>();
    private final WorkServer work;
    /** For a program that is interrupted. */
    private final Thread atExit = new Thread(() -> servers.forEach(NginxServer::close), "fleet-exit");

    /**
     * Starts them.
     *
     * @param streamSeconds how long a {@code /stream} takes
     * @throws IllegalStateException if nginx is not installed
     */
    @SuppressWarnings("this-escape")
    Fleet(int streamSeconds) throws IOException {
        Path binary = NginxServer.find();
        if (binary == null) {
            throw new IllegalStateException(
                    "nginx is not installed: apt-get install --no-install-recommends nginx-light");
        }
        directory = Files.createTempDirectory("evenkeel-failures");
        work = new WorkServer();
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            for (int i = 1; i <= SERVERS; i++) {
                servers.add(new NginxServer(binary, directory, "nginx-" + i, work.port(), 50_000 / streamSeconds));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    List<NginxServer> servers() {
        return List.copyOf(servers);
    }

    WorkServer work() {
        return work;
    }

    List<Backend> backends() {
        return servers.stream()
                .map(server -> Backend.builder(server.uri()).id(server.id()).build())
                .toList();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        servers.forEach(NginxServer::close);
        work.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
