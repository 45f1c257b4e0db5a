package dev.evenkeel.lb.examples.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.examples.common.ServerProgram;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's Chromium without a window, commanded over its DevTools protocol: one page. For one thread.
 *
 * <p>Without Chromium a test is skipped; or fails, where servers are required ({@code -Devenkeel.requireServers=true}).
 */
public final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> urls = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final AtomicInteger loads = new AtomicInteger();
    private @Nullable WebSocket socket;

    private Browser(Process process) {
        this.process = process;
    }

    /**
     * Starts one.
     *
     * @param directory for its profile and its log; of the test
     * @return the browser; close it
     * @throws IOException if it cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static Browser start(Path directory) throws IOException, InterruptedException {
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
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("chromium.log").toFile())
                .start();
        Browser browser = new Browser(process);
        try {
            browser.connect(profile.resolve("DevToolsActivePort"));
            return browser;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            browser.close();
            throw e;
        }
    }

    private void connect(Path portFile) throws IOException, InterruptedException {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        Files.exists(portFile) && Files.readAllLines(portFile).size() == 2);
        String port = Files.readAllLines(portFile).get(0);
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest newPage = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        String url = JSON.readTree(client.send(newPage, BodyHandlers.ofString()).body())
                .path("webSocketDebuggerUrl")
                .asText();
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(url), new Listener())
                .join();
        List.of("Page.enable", "Runtime.enable", "Network.enable", "Log.enable").forEach(this::command);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence part, boolean isLast) {
            text.append(part);
            if (isLast) {
                note(text.toString());
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable failure) {
            waiting.values().forEach(answer -> answer.completeExceptionally(failure));
        }
    }

    private void note(String text) {
        JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (IOException e) {
            complaints.add(e.toString());
            return;
        }
        JsonNode event = message.path("params");
        switch (message.path("method").asText()) {
            case "" -> {
                CompletableFuture<JsonNode> answer =
                        waiting.remove(message.path("id").asInt());
                if (answer != null) {
                    answer.complete(message);
                }
            }
            case "Network.requestWillBeSent" ->
                urls.add(event.path("request").path("url").asText());
            case "Runtime.exceptionThrown" ->
                complaints.add(event.path("exceptionDetails").toString());
            case "Log.entryAdded" -> complaints.add(event.path("entry").toString());
            case "Page.loadEventFired" -> loads.incrementAndGet();
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
        Objects.requireNonNull(socket, "not connected")
                .sendText(message.toString(), true)
                .join();
        JsonNode answered =
                answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        if (answered.has("error")) {
            throw new IllegalStateException(method + ": " + answered.path("error"));
        }
        return answered.path("result");
    }

    /**
     * Opens a page, and waits until it is loaded.
     *
     * @param url where
     */
    public void open(URI url) {
        int before = loads.get();
        command("Page.navigate", JSON.createObjectNode().put("url", url.toString()));
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .pollDelay(Duration.ZERO)
                .until(() -> loads.get() > before);
    }

    /**
     * Gives the page a size.
     *
     * @param width in CSS pixels
     * @param height likewise
     */
    public void resize(int width, int height) {
        command(
                "Emulation.setDeviceMetricsOverride",
                JSON.createObjectNode()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
    }

    /** Hides the scroll bars of the page, for a picture. */
    public void hideScrollbars() {
        command("Emulation.setScrollbarsHidden", JSON.createObjectNode().put("hidden", true));
    }

    /**
     * The browser prefers this.
     *
     * @param colorScheme {@code light} or {@code dark}
     */
    public void prefer(String colorScheme) {
        ObjectNode parameters = JSON.createObjectNode();
        parameters
                .putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", colorScheme);
        command("Emulation.setEmulatedMedia", parameters);
    }

    /**
     * Presses a key, as a person does.
     *
     * @param key its name
     * @param text what it writes; may be empty
     */
    public void press(String key, String text) {
        command(
                "Input.dispatchKeyEvent",
                JSON.createObjectNode().put("type", "keyDown").put("key", key).put("text", text));
        command(
                "Input.dispatchKeyEvent",
                JSON.createObjectNode().put("type", "keyUp").put("key", key));
    }

    /**
     * Writes into what has the focus.
     *
     * @param text what
     */
    public void type(String text) {
        command("Input.insertText", JSON.createObjectNode().put("text", text));
    }

    /**
     * The value of an expression of JavaScript on the page; that of a promise once it is there.
     *
     * @param expression which; the test fails if it throws
     * @return the value
     */
    public JsonNode value(String expression) {
        JsonNode result = evaluate(expression);
        return result.has("exceptionDetails")
                ? Assertions.fail(result.path("exceptionDetails").toString())
                : result.path("result").path("value");
    }

    /**
     * Waits until a condition holds on the page; one that throws does not hold yet.
     *
     * @param condition an expression of JavaScript
     */
    public void until(String condition) {
        Awaitility.await(condition)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .pollDelay(Duration.ZERO)
                .until(() -> evaluate(condition).path("result").path("value").asBoolean());
    }

    private JsonNode evaluate(String expression) {
        return command(
                "Runtime.evaluate",
                JSON.createObjectNode()
                        .put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true));
    }

    /**
     * What the page consists of for a screen reader.
     *
     * @return the roles of everything that it is told of
     */
    public Set<String> roles() {
        Set<String> roles = new TreeSet<>();
        command("Accessibility.getFullAXTree").path("nodes").forEach(node -> {
            if (!node.path("ignored").asBoolean()) {
                roles.add(node.path("role").path("value").asText());
            }
        });
        return roles;
    }

    /**
     * Takes a picture of the window.
     *
     * @param file a PNG
     * @throws IOException if it cannot be written
     */
    public void screenshot(Path file) throws IOException {
        JsonNode image =
                command("Page.captureScreenshot", JSON.createObjectNode().put("format", "png"));
        byte[] png = Base64.getDecoder().decode(image.path("data").asText());
        try (ImageOutputStream out = ImageIO.createImageOutputStream(Files.newOutputStream(file))) {
            compress(ImageIO.read(new ByteArrayInputStream(png)), out);
        }
    }

    /** The browser's own files are a fourth larger. */
    private static void compress(BufferedImage image, ImageOutputStream out) throws IOException {
        BufferedImage opaque = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = opaque.createGraphics();
        graphics.drawImage(image, 0, 0, null);
        graphics.dispose();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(0);
        writer.setOutput(out);
        writer.write(null, new IIOImage(opaque, null, null), parameters);
        writer.dispose();
    }

    /**
     * Everything that was asked for.
     *
     * @return URLs
     */
    public List<String> urls() {
        return List.copyOf(urls);
    }

    /**
     * Exceptions, and what the browser itself has logged: violations of the policy, missing files.
     *
     * @return JSON
     */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
        process.onExit().join();
    }
}
