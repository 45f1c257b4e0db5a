package dev.evenkeel.lb.examples.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalPageTest {
    private static final String JSON = "Content-Type: application/json";

    private final List<String> orders = new ArrayList<>();
    private LocalPage page;
    private int port;

    @BeforeEach
    void start() throws IOException {
        page = LocalPage.start(0).figures("/figures", () -> Map.of("n", 1)).action("/order", body -> {
            if (body.path("what").asText().isEmpty()) {
                throw new IllegalArgumentException("what must be said");
            }
            orders.add(body.path("what").asText());
        });
        port = URI.create(page.url()).getPort();
    }

    @AfterEach
    void stop() {
        page.close();
    }

    @Test
    void figures_areJsonUnderAPolicyOfNothingFromElsewhere() throws IOException {
        assertThat(get("/figures", "localhost:" + port))
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("Content-Security-Policy: default-src 'none'; script-src 'self';")
                .endsWith("{\"n\":1}");
        assertThat(get("/style.css", "127.0.0.1:" + port)).contains("text/css");
    }

    @Test
    void foreignName_isRefused() throws IOException {
        assertThat(get("/figures", "evil.example:" + port)).startsWith("HTTP/1.1 403 ");
        assertThat(get("/figures", "localhost.evil.example")).startsWith("HTTP/1.1 403 ");
        assertThat(get("/figures", "[::1]:" + port)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void order_ofThePageItself_isTaken() throws IOException {
        String own = "Origin: http://localhost:" + port;

        assertThat(post("{\"what\":\"kill\"}", JSON, own, "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(post("{\"what\":\"hang\"}", JSON)).startsWith("HTTP/1.1 200 ");
        assertThat(orders).containsExactly("kill", "hang");
    }

    @Test
    void order_ofAnotherSite_isRefused() throws IOException {
        String order = "{\"what\":\"kill\"}";

        assertThat(post(order, JSON, "Origin: http://evil.example")).startsWith("HTTP/1.1 403 ");
        assertThat(post(order, JSON, "Origin: null")).startsWith("HTTP/1.1 403 ");
        assertThat(post(order, JSON, "Origin: http://localhost:1")).startsWith("HTTP/1.1 403 ");
        assertThat(post(order, JSON, "Sec-Fetch-Site: same-site")).startsWith("HTTP/1.1 403 ");
        assertThat(post(order, "Content-Type: text/plain")).startsWith("HTTP/1.1 415 ");
        assertThat(orders).isEmpty();
    }

    @Test
    void orderThatMakesNoSense_isRefusedWithTheReason() throws IOException {
        assertThat(post("{}", JSON)).startsWith("HTTP/1.1 400 ").endsWith("what must be said\n");
        assertThat(post("{", JSON)).startsWith("HTTP/1.1 400 ").endsWith("not JSON\n");
        assertThat(post(" ".repeat(20_000), JSON)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void otherPathsAndMethods_areRefused() throws IOException {
        assertThat(get("/figures/more", "localhost")).startsWith("HTTP/1.1 404 ");
        assertThat(get("/order", "localhost")).startsWith("HTTP/1.1 405 ");
    }

    private String get(String path, String host) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private String post(String body, String... headers) throws IOException {
        return send("POST /order HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n"
                + String.join("\r\n", headers) + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** A plain socket, since clients do not let Host and Origin be chosen. */
    private String send(String request) throws IOException {
        try (Socket socket = new Socket(LocalPage.loopback(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
