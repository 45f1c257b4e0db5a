package dev.evenkeel.lb.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The JDK's HttpClient and Apache's over a pool, one of whose backends refuses connections. */
@Timeout(60)
class HttpClientsTest {
    private final List<HttpServer> servers = new ArrayList<>();
    private LoadBalancer pool;

    @BeforeEach
    void start() throws IOException {
        List<String> urls = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            byte[] answer = name.getBytes(StandardCharsets.UTF_8);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
            servers.add(server);
            urls.add("http://127.0.0.1:" + server.getAddress().getPort());
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            urls.add("http://127.0.0.1:" + socket.getLocalPort());
        }
        pool = LoadBalancers.builder("users")
                .backends(urls.toArray(String[]::new))
                .strategy(Strategies.roundRobin())
                .build();
    }

    @AfterEach
    void close() {
        pool.close();
        servers.forEach(server -> server.stop(0));
    }

    private interface Get {
        String get() throws IOException;
    }

    private void assertBalanced(Get client) throws IOException {
        TreeSet<String> answers = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
            answers.add(client.get());
        }
        assertThat(answers).containsExactly("one", "two");
        assertThat(pool.snapshot().inFlight()).isZero();
        pool.snapshot()
                .backends()
                .forEach(
                        backend -> pool.registry().maintenance(backend.backend().id()));
        assertThatThrownBy(client::get).isInstanceOf(NoBackendAvailableException.class);
    }

    @Test
    void httpClientOfTheJdk_isBalanced_andTriesAnotherBackend() throws IOException {
        HttpClient http = HttpClient.newHttpClient();

        assertBalanced(() -> HttpClients.get(http, pool, "/x").body());
    }

    @Test
    void httpClientOfApache_isBalanced_andTriesAnotherBackend() throws IOException {
        try (CloseableHttpClient http =
                HttpClientBuilder.create().disableAutomaticRetries().build()) {
            assertBalanced(() -> HttpClients.get(http, pool, "/x").body());
        }
    }

    /** docs/clients.md shows methods of this module's sources, as they are. */
    @Test
    void page_showsCodeThatIsCompiled() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (String name : List.of("PooledExchange", "HttpClients", "WireClient")) {
            sources.append(squeezed(
                    Files.readString(Path.of("src/main/java/dev/evenkeel/lb/examples/clients/" + name + ".java"))));
        }
        List<String> blocks = Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../../lb-okhttp/docs/clients.md")))
                .results()
                .map(block -> squeezed(block.group(1)))
                .toList();

        assertThat(blocks)
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(block -> assertThat(sources.toString()).contains(block));
    }

    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }
}
