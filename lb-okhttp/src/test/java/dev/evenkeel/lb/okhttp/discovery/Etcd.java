package dev.evenkeel.lb.okhttp.discovery;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
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

/** A real etcd of one member, on loopback, with a directory of its own; it can be killed and started again. */
final class Etcd implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OkHttpClient client = new OkHttpClient();
    private final Path binary;
    private final Path directory;
    private final List<String> more;
    private final int clientPort = freePort();
    private final int peerPort = freePort();
    private Process process;

    /** @param more arguments, such as {@link #jwt} */
    Etcd(Path parent, String... more) throws IOException {
        this.binary = binary();
        this.directory = parent;
        this.more = List.of(more);
        restart();
    }

    /** The argument for tokens that are signed, and not kept by the server; their keys are new files in a directory. */
    static String jwt(Path keys) throws IOException, GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        Path publicKey =
                pem(keys.resolve("public.pem"), "PUBLIC KEY", pair.getPublic().getEncoded());
        Path privateKey = pem(
                keys.resolve("private.pem"), "PRIVATE KEY", pair.getPrivate().getEncoded());
        return "--auth-token=jwt,pub-key=" + publicKey + ",priv-key=" + privateKey + ",sign-method=RS256,ttl=10m";
    }

    private static Path pem(Path file, String type, byte[] key) throws IOException {
        String lines = Base64.getMimeEncoder().encodeToString(key);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n");
    }

    /** Where etcd is. Without one, the test is skipped; or fails, where servers are required. */
    private static Path binary() {
        Path found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "etcd"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found != null) {
            return found;
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

    void restart() throws IOException {
        String peer = "http://127.0.0.1:" + peerPort;
        List<String> command = new ArrayList<>(List.of(
                binary.toString(),
                "--data-dir=" + directory.resolve("data"),
                "--listen-client-urls=" + url(),
                "--advertise-client-urls=" + url(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--unsafe-no-fsync"));
        command.addAll(more);
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("etcd.log").toFile())
                .start();
        process = started;
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (!started.isAlive()) {
                throw new IOException("etcd ended: " + Files.readString(directory.resolve("etcd.log")));
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

    /** Dies at once, without a word to anybody. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void put(String key, String value) throws IOException {
        put(key, value, "0");
    }

    void put(String key, String value, String lease) throws IOException {
        send(
                "kv/put",
                JSON.createObjectNode()
                        .put("key", base64(key))
                        .put("value", base64(value))
                        .put("lease", lease),
                "");
    }

    void putAsRoot(String key, String value, String password) throws IOException {
        send(
                "kv/put",
                JSON.createObjectNode().put("key", base64(key)).put("value", base64(value)),
                rootToken(password));
    }

    /** Adds a user that has nothing to do with the test: tokens of before are refused as old, if they are signed. */
    void addUserAsRoot(String name, String password) throws IOException {
        send("auth/user/add", JSON.createObjectNode().put("name", name).put("password", "unused"), rootToken(password));
    }

    private String rootToken(String password) throws IOException {
        return send(
                        "auth/authenticate",
                        JSON.createObjectNode().put("name", "root").put("password", password),
                        "")
                .path("token")
                .textValue();
    }

    void delete(String key) throws IOException {
        send("kv/deleterange", JSON.createObjectNode().put("key", base64(key)), "");
    }

    String lease(int seconds) throws IOException {
        return send("lease/grant", JSON.createObjectNode().put("TTL", seconds), "")
                .path("ID")
                .textValue();
    }

    void compact() throws IOException {
        String revision = send("kv/range", JSON.createObjectNode().put("key", base64("none")), "")
                .path("header")
                .path("revision")
                .textValue();
        send("kv/compaction", JSON.createObjectNode().put("revision", revision), "");
    }

    void requirePassword(String password) throws IOException {
        send("auth/user/add", JSON.createObjectNode().put("name", "root").put("password", password), "");
        send("auth/role/add", JSON.createObjectNode().put("name", "root"), "");
        send("auth/user/grant", JSON.createObjectNode().put("user", "root").put("role", "root"), "");
        send("auth/enable", JSON.createObjectNode(), "");
    }

    private JsonNode send(String path, ObjectNode body, String token) throws IOException {
        Request.Builder request = new Request.Builder()
                .url(url() + "/v3/" + path)
                .post(RequestBody.create(body.toString(), MediaType.get("application/json")));
        if (!token.isEmpty()) {
            request.header("Authorization", token);
        }
        try (Response response = client.newCall(request.build()).execute()) {
            String answer = response.body().string();
            if (!response.isSuccessful()) {
                throw new IOException(path + ": " + response.code() + " " + answer);
            }
            return JSON.readTree(answer);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.connectionPool().evictAll();
    }
}
