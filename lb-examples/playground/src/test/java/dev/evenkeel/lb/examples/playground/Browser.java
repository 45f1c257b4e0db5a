package dev.evenkeel.lb.examples.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.examples.common.ServerProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Debian's Chromium without a window, commanded over its DevTools protocol: one page. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final OkHttpClient client = new OkHttpClient.Builder()
            .readTimeout(PATIENCE)
            .callTimeout(PATIENCE)
            .build();
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> urls = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private WebSocket socket;

    private Browser(Process process) {
        this.process = process;
    }

    /** Starts one. Without it, the test is skipped; or fails, where servers are required. */
    static Browser start(Path directory) throws IOException {
        String message = "chromium is not installed: apt-get install --no-install-recommends chromium";
        Path chromium = ServerProgram.find("chromium")
                .orElseGet(() -> Boolean.getBoolean("evenkeel.requireServers")
                        ? Assertions.fail(message)
                        : Assumptions.abort(message));
        Path profile = directory.resolve("profile");
        Process process = new ProcessBuilder(
                        chromium.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-extensions",
                        "--disable-background-networking",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "--window-size=1200,1050",
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("chromium.log").toFile())
                .start();
        Browser browser = new Browser(process);
        try {
            browser.connect(profile.resolve("DevToolsActivePort"));
            return browser;
        } catch (IOException | RuntimeException | AssertionError e) {
            browser.close();
            throw e;
        }
    }

    private void connect(Path portFile) throws IOException {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        Files.exists(portFile) && Files.readAllLines(portFile).size() == 2);
        String port = Files.readAllLines(portFile).get(0);
        Request newPage = new Request.Builder()
                .url("http://127.0.0.1:" + port + "/json/new?about:blank")
                .put(RequestBody.create(new byte[0], null))
                .build();
        try (Response response = client.newCall(newPage).execute()) {
            String url = JSON.readTree(response.body().byteStream())
                    .path("webSocketDebuggerUrl")
                    .asText();
            socket = client.newWebSocket(new Request.Builder().url(url).build(), new Listener());
        }
        List.of("Page.enable", "Runtime.enable", "Network.enable", "Log.enable").forEach(this::command);
    }

    private final class Listener extends WebSocketListener {
        @Override
        public void onMessage(WebSocket webSocket, String text) {
            try {
                JsonNode message = JSON.readTree(text);
                if (message.has("id")) {
                    waiting.remove(message.path("id").asInt()).complete(message);
                } else {
                    note(message.path("method").asText(), message.path("params"));
                }
            } catch (IOException e) {
                complaints.add(e.toString());
            }
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
            waiting.values().forEach(answer -> answer.completeExceptionally(failure));
        }
    }

    private void note(String method, JsonNode event) {
        switch (method) {
            case "Network.requestWillBeSent" ->
                urls.add(event.path("request").path("url").asText());
            case "Runtime.exceptionThrown" ->
                complaints.add(event.path("exceptionDetails").toString());
            case "Log.entryAdded" -> complaints.add(event.path("entry").toString());
            default -> {} // Of no concern here.
        }
    }

    private JsonNode command(String method) {
        return command(method, JSON.createObjectNode());
    }

    private JsonNode command(String method, ObjectNode parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        socket.send(message.toString());
        JsonNode answered =
                answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        if (answered.has("error")) {
            throw new IllegalStateException(method + ": " + answered.path("error"));
        }
        return answered.path("result");
    }

    void open(String url) {
        command("Page.navigate", JSON.createObjectNode().put("url", url));
    }

    /** The browser prefers this. */
    void prefer(String colorScheme) {
        ObjectNode parameters = JSON.createObjectNode();
        parameters
                .putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", colorScheme);
        command("Emulation.setEmulatedMedia", parameters);
    }

    /** The value of an expression of JavaScript on the page; a missing node if it throws, as while the page loads. */
    JsonNode value(String expression) {
        JsonNode result = command(
                "Runtime.evaluate",
                JSON.createObjectNode().put("expression", expression).put("returnByValue", true));
        return result.has("exceptionDetails")
                ? JSON.missingNode()
                : result.path("result").path("value");
    }

    void screenshot(Path file) throws IOException {
        JsonNode image = command(
                "Page.captureScreenshot",
                JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", true));
        Files.write(file, Base64.getDecoder().decode(image.path("data").asText()));
    }

    /** Everything that the page has asked for. */
    List<String> urls() {
        return List.copyOf(urls);
    }

    /** Exceptions, and what the browser itself has logged: violations of the policy, missing files. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.cancel();
        }
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
        process.onExit().join();
    }
}
