package dev.evenkeel.lb.examples.tail;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A server program of Debian's on a loopback port, with a directory of its own: nginx or HAProxy. */
final class ServerProcess implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final String name;
    private final Path directory;
    private final int port;
    private final Process process;

    private ServerProcess(String name, Path parent, int port, String configuration, List<String> command)
            throws IOException {
        this.name = name;
        this.port = port;
        this.directory = Files.createTempDirectory(parent, name + "-");
        Files.writeString(directory.resolve("server.conf"), configuration);
        this.process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
        awaitListening();
    }

    /** Where the program is; empty if it is not installed. */
    static Optional<Path> find(String program) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String program(String name) {
        return find(name)
                .map(Path::toString)
                .orElseThrow(() -> new IllegalStateException(
                        name + " is not installed; on Debian: apt-get install nginx-light haproxy"));
    }

    /** An nginx that answers every request with two bytes. */
    static ServerProcess backend(Path parent) throws IOException {
        int port = freePort();
        return nginx(parent, "backend", port, 1, "", "location / { return 200 ok; }");
    }

    /** An nginx in front of backends, with connections to them that it keeps. */
    static ServerProcess nginx(Path parent, String method, Collection<String> backends) throws IOException {
        int port = freePort();
        String servers = backends.stream()
                .map(address -> "server " + address + " max_fails=0;")
                .collect(Collectors.joining(" "));
        return nginx(
                parent,
                "nginx",
                port,
                2,
                "upstream pool { zone pool 64k; " + method + " " + servers + " keepalive 256; }",
                "location / { proxy_pass http://pool; proxy_http_version 1.1; proxy_set_header Connection \"\"; }");
    }

    private static ServerProcess nginx(
            Path parent, String name, int port, int workers, String upstream, String location) throws IOException {
        String configuration = """
                user root;
                daemon off;
                worker_processes %d;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 8192; }
                http {
                  access_log off;
                  keepalive_requests 100000000;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  %s
                  server { listen 127.0.0.1:%d backlog=1024; %s }
                }
                """.formatted(workers, upstream, port, location);
        return new ServerProcess(
                name,
                parent,
                port,
                configuration,
                List.of(program("nginx"), "-p", ".", "-e", "error.log", "-c", "server.conf"));
    }

    /** An HAProxy in front of backends, with a thread for each processor and connections that every client shares. */
    static ServerProcess haproxy(Path parent, String balance, Collection<String> backends) throws IOException {
        int port = freePort();
        StringBuilder servers = new StringBuilder();
        int number = 0;
        for (String address : backends) {
            servers.append("  server s")
                    .append(number++)
                    .append(' ')
                    .append(address)
                    .append('\n');
        }
        String configuration = """
                global
                  maxconn 8192
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                  timeout http-keep-alive 60s
                  http-reuse always
                frontend in
                  bind 127.0.0.1:%d backlog 1024
                  default_backend pool
                backend pool
                  balance %s
                %s
                """.formatted(port, balance, servers);
        return new ServerProcess(
                "haproxy", parent, port, configuration, List.of(program("haproxy"), "-db", "-f", "server.conf"));
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** The processor time of the program and its workers so far, to a hundredth of a second. */
    Duration cpu() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START_NANOS;
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException(name + " does not listen: " + Files.readString(directory.resolve("output.log")));
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

    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().join());
    }
}
