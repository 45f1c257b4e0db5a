package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** POSTs to real nginx servers that end each connection after a few requests: no call fails, and none is processed twice. */
@Timeout(180)
class RotationTest {
    private static final int THREADS = 16;
    private static final int CALLS_EACH = 60;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "7, H2_PRIOR_KNOWLEDGE, STEER",
        "20, H2_PRIOR_KNOWLEDGE, STEER",
        "7, H2_PRIOR_KNOWLEDGE, REWRITE",
        "20, HTTP_1_1, STEER",
        "20, HTTP_1_1, REWRITE",
    })
    void posts_toServersThatRotateConnections_allSucceed_andAreProcessedOnce(
            int requestsPerConnection, Protocol protocol, Addressing addressing) throws Exception {
        boolean h2 = protocol == Protocol.H2_PRIOR_KNOWLEDGE;
        try (Nginx a = new Nginx(directory.resolve("a"), requestsPerConnection, h2);
                Nginx b = new Nginx(directory.resolve("b"), requestsPerConnection, h2);
                RecordingPool pool = RecordingPool.of(List.of(a.backend("a"), b.backend("b")))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .addressing(addressing)
                    .retries(RetryPolicy.none())
                    .attach(new OkHttpClient.Builder()
                            .protocols(List.of(protocol))
                            .build());
            AtomicInteger number = new AtomicInteger();
            Calls.inParallel(THREADS, CALLS_EACH, () -> {
                Request post = new Request.Builder()
                        .url("http://users/x?id=" + number.incrementAndGet())
                        .post(RequestBody.create("body", null))
                        .build();
                try (Response response = client.newCall(post).execute()) {
                    assertThat(response.code()).isEqualTo(200);
                    response.body().string();
                }
            });
            client.connectionPool().evictAll();
            int calls = THREADS * CALLS_EACH;
            assertThat(pool.outcomes()).hasSize(calls).containsOnly(Outcome.SUCCESS);
            await().until(() -> a.log().size() + b.log().size() >= calls);
            List<String> processed = new ArrayList<>(a.log());
            processed.addAll(b.log());
            assertThat(processed).hasSize(calls).doesNotHaveDuplicates();
        }
    }

    /** A real nginx in one process of its own. */
    private static final class Nginx implements AutoCloseable {
        private final Path directory;
        private final int port;
        private final Process process;

        Nginx(Path directory, int requestsPerConnection, boolean h2) throws IOException {
            this.directory = Files.createDirectories(directory);
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                this.port = free.getLocalPort();
            }
            Files.writeString(
                    directory.resolve("nginx.conf"), """
                    daemon off; master_process off; pid nginx.pid; error_log error.log;
                    events {}
                    http {
                        log_format id '$arg_id'; access_log access.log id;
                        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                        keepalive_requests %d;
                        server { listen 127.0.0.1:%d%s; location / { return 200 ok; } }
                    }
                    """.formatted(requestsPerConnection, port, h2 ? " http2" : ""));
            this.process = new ProcessBuilder(
                            binary().toString(), "-p", directory.toString(), "-e", "error.log", "-c", "nginx.conf")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output.log").toFile())
                    .start();
            await().until(this::isListening);
        }

        private static Path binary() {
            return Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                    .map(folder -> Path.of(folder, "nginx"))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseGet(RotationTest::missing);
        }

        private boolean isListening() throws IOException {
            if (!process.isAlive()) {
                throw new IOException("nginx ended: " + Files.readString(directory.resolve("output.log")));
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        Backend backend(String id) {
            return Backend.builder("http://127.0.0.1:" + port).id(id).build();
        }

        /** The number of each request that was processed. */
        List<String> log() throws IOException {
            return Files.readAllLines(directory.resolve("access.log")).stream()
                    .filter(line -> line.matches("\\d+"))
                    .toList();
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static Path missing() {
        String message = "nginx is not installed: apt-get install --no-install-recommends nginx-light";
        if (Boolean.getBoolean("evenkeel.requireServers")) {
            return Assertions.fail(message);
        }
        return Assumptions.abort(message);
    }
}
