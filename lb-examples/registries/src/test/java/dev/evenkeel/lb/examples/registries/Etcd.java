package dev.evenkeel.lb.examples.registries;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Debian's etcd, one member, in a process that can be killed, stopped and started again. */
final class Etcd implements AutoCloseable {
    private final OkHttpClient client = new OkHttpClient();
    private final Path directory;
    private final String program;
    private final int clientPort = freePort();
    private final int peerPort = freePort();
    private Process process;

    Etcd(Path directory) throws IOException {
        this.directory = directory;
        this.program = program();
        start();
    }

    /** Without one, the test is skipped; or fails, where servers are required. */
    private static String program() {
        Path found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(path -> Path.of(path, "etcd"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found != null) {
            return found.toString();
        }
        String message = "etcd is not installed: apt-get install --no-install-recommends etcd-server";
        if (Boolean.getBoolean("evenkeel.requireServers")) {
            return Assertions.fail(message);
        }
        return Assumptions.abort(message);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    String url() {
        return "http://127.0.0.1:" + clientPort;
    }

    void start() throws IOException {
        String peer = "http://127.0.0.1:" + peerPort;
        Path log = directory.resolve("etcd.log");
        process = new ProcessBuilder(List.of(
                        program,
                        "--data-dir=" + directory.resolve("data"),
                        "--listen-client-urls=" + url(),
                        "--advertise-client-urls=" + url(),
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            if (!process.isAlive()) {
                throw new IOException("etcd ended: " + Files.readString(log));
            }
            return isHealthy();
        });
    }

    private boolean isHealthy() {
        Request request = new Request.Builder().url(url() + "/health").build();
        try (Response response = client.newCall(request).execute()) {
            return response.body().string().contains("\"true\"");
        } catch (IOException e) {
            return false;
        }
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(30, TimeUnit.SECONDS);
    }

    /** Forgets everything, as one that is set up anew: its revisions begin again. */
    void forget() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("data"))) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** SIGSTOP and SIGCONT: its connections stay open, and nobody answers. */
    void signal(String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("cannot send " + signal + " to etcd");
        }
    }

    void put(String key, String value) throws IOException {
        send("put", "{\"key\":\"" + base64(key) + "\",\"value\":\"" + base64(value) + "\"}");
    }

    void delete(String key) throws IOException {
        send("deleterange", "{\"key\":\"" + base64(key) + "\"}");
    }

    private void send(String path, String body) throws IOException {
        Request request = new Request.Builder()
                .url(url() + "/v3/kv/" + path)
                .post(RequestBody.create(body, MediaType.get("application/json")))
                .build();
        try (Response response = client.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                throw new IOException(
                        path + ": " + response.code() + " " + response.body().string());
            }
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.connectionPool().evictAll();
    }
}
