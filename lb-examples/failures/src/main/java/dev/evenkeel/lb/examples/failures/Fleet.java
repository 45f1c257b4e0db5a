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

/**
 * Five nginx servers, {@code nginx-1} to {@code nginx-5}, and what is behind them. Each answers {@code /health} itself,
 * {@code /stream} slowly from a file, {@code /order} at once, and hands everything else on to the {@link WorkServer}. It logs method,
 * path, the parameter {@code id} and the status of each request.
 */
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
            throw new IllegalStateException(NginxServer.MISSING);
        }
        directory = Files.createTempDirectory("evenkeel-failures");
        work = new WorkServer();
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            for (int i = 1; i <= SERVERS; i++) {
                servers.add(server(binary, "nginx-" + i, 50_000 / streamSeconds));
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

    private NginxServer server(Path binary, String id, int streamBytesPerSecond) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(id));
        Files.createDirectories(folder.resolve("files"));
        Files.write(folder.resolve("files/stream"), new byte[5 * streamBytesPerSecond]);
        int port = NginxServer.freePort();
        return new NginxServer(
                binary, folder, id, port, configuration(work.port(), port, folder, id, streamBytesPerSecond));
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        servers.forEach(NginxServer::close);
        work.close();
        delete(directory);
    }

    /** Deletes a folder with all that is in it. */
    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String configuration(int workPort, int port, Path folder, String id, int streamBytesPerSecond) {
        return """
                user root;
                daemon off;
                worker_processes 1;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 4096; }
                http {
                  log_format short '$request_method $uri $arg_id $status';
                  access_log access.log short;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  upstream work { server 127.0.0.1:%1$d; keepalive 64; }
                  server {
                    listen 127.0.0.1:%2$d;
                    root %3$s/files;
                    add_header Served-By %4$s always;
                    location = /health { access_log off; if (-e %3$s/ill) { return 503; } return 200 "well\\n"; }
                    location = /stream { limit_rate %5$d; }
                    location = /order { return 200 "ordered\\n"; }
                    location / {
                      if (-e %3$s/broken) { return 500; }
                      proxy_pass http://work/%4$s;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                    }
                  }
                }
                """.formatted(workPort, port, folder, id, streamBytesPerSecond);
    }
}
