package dev.evenkeel.lb.examples.failures;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real nginx, master and worker, with a directory of its own on a loopback port. It answers {@code /health} itself,
 * {@code /stream} slowly from a file, {@code /order} at once, and hands everything else on to the {@link WorkServer}.
 */
final class NginxServer implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Path binary;
    private final String id;
    private final Path directory;
    private final int port;
    private Process process;

    NginxServer(Path binary, Path parent, String id, int workPort, int streamBytesPerSecond) throws IOException {
        this.binary = binary;
        this.id = id;
        this.directory = Files.createDirectories(parent.resolve(id));
        this.port = freePort();
        Files.createDirectories(directory.resolve("files"));
        Files.write(directory.resolve("files/stream"), new byte[5 * streamBytesPerSecond]);
        Files.writeString(directory.resolve("nginx.conf"), configuration(workPort, streamBytesPerSecond));
        this.process = launch();
        awaitListening();
    }

    /** Where nginx is, or null if it is nowhere. */
    static @Nullable Path find() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    String id() {
        return id;
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** One line for each request that has ended: method, path, the parameter {@code id}, status. */
    List<String> log() {
        try {
            return Files.readAllLines(directory.resolve("access.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Dies at once, without a word to anybody. */
    void kill() {
        signal("KILL");
        awaitEnd();
    }

    /** Ends when its last request has. */
    void quit() {
        run(List.of("kill", "-QUIT", Long.toString(process.pid())));
        awaitEnd();
    }

    /** Hangs: the kernel accepts connections, nobody answers. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    /** Answers 500 at once from now on, or not any more; {@code /health} stays well unless it is to be seen there. */
    void broken(boolean broken, boolean seenByChecks) {
        mark("broken", broken);
        mark("ill", broken && seenByChecks);
    }

    private void mark(String name, boolean set) {
        try {
            if (set) {
                Files.writeString(directory.resolve(name), "");
            } else {
                Files.deleteIfExists(directory.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts again on the same port, and returns when it listens. */
    void start() {
        try {
            process = launch();
            awaitListening();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        signal("CONT");
        kill();
    }

    private void signal(String name) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        everyProcess().forEach(one -> command.add(Long.toString(one.pid())));
        if (command.size() > 2) {
            run(command);
        }
    }

    private Stream<ProcessHandle> everyProcess() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(ProcessHandle::isAlive)
                .toList()
                .stream();
    }

    private static void run(List<String> command) {
        try {
            Process kill = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEnd() {
        everyProcess().forEach(one -> one.onExit().join());
        process.onExit().join();
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(binary.toString(), "-p", directory.toString(), "-e", "error.log", "-c", "nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START_NANOS;
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException("nginx does not listen: " + Files.readString(directory.resolve("output.log")));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String configuration(int workPort, int streamBytesPerSecond) {
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
                """.formatted(workPort, port, directory, id, streamBytesPerSecond);
    }
}
