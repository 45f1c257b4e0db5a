package dev.evenkeel.lb.examples.quickstart;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A real nginx with a directory of its own, in one process that can be killed; the system's is not touched. */
final class Nginx implements AutoCloseable {
    private final Path binary;
    private final Path directory;
    private final String id;
    private final int port;
    private Process process;

    /**
     * Starts one.
     *
     * @param listen options of the listen directive, such as {@code ssl http2}
     * @param more directives of the server
     */
    Nginx(Path parent, String id, String listen, String more) throws IOException {
        this.binary = binary();
        this.id = id;
        this.directory = Files.createDirectories(parent.resolve(id));
        this.port = freePort();
        Files.writeString(directory.resolve("nginx.conf"), configuration(listen, more));
        this.process = start();
    }

    /** Where nginx is. Without one, the test is skipped; or fails, where servers are required. */
    static Path binary() {
        Path found = Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found != null) {
            return found;
        }
        String message = "nginx is not installed: apt-get install --no-install-recommends nginx-light";
        if (Boolean.getBoolean("evenkeel.requireServers")) {
            return Assertions.fail(message);
        }
        return Assumptions.abort(message);
    }

    String id() {
        return id;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** One line for each request: protocol, Host, name of the TLS handshake, request line, status. */
    List<String> log() throws IOException {
        return Files.readAllLines(directory.resolve("access.log"));
    }

    /** Dies at once, without a word to anybody. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void restart() throws IOException {
        process = start();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process start() throws IOException {
        Process started = new ProcessBuilder(
                        binary.toString(), "-p", directory.toString(), "-e", "error.log", "-c", "nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
        await().until(() -> {
            if (!started.isAlive()) {
                throw new IOException("nginx ended: " + Files.readString(directory.resolve("output.log"))
                        + Files.readString(directory.resolve("error.log")));
            }
            return isListening();
        });
        return started;
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = Ports.listenAnywhere()) {
            return socket.getLocalPort();
        }
    }

    private String configuration(String listen, String more) {
        return """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 1024; }
                http {
                  log_format short '$server_protocol $http_host $ssl_server_name "$request" $status';
                  access_log access.log short;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  server {
                    listen 127.0.0.1:%d %s;
                    %s
                    location / { default_type text/plain; return 200 "hello from %s\\n"; }
                    location /missing { return 404; }
                    location /sick { return 500; }
                  }
                }
                """.formatted(port, listen, more, id);
    }
}
