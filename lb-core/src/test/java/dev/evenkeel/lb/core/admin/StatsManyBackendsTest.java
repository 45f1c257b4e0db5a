package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a pool of 1,000 backends. */
class StatsManyBackendsTest {
    private static final int BACKENDS = 1_000;
    /** With controls; a backend takes three kilobytes, and two without them. */
    private static final int MAX_PAGE_BYTES = 4_000_000;

    private static final int MAX_READ_ONLY_BYTES = 2_500_000;

    @TempDir
    private Path directory;

    private LoadBalancer users;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        users = new PoolFixture()
                .builder()
                .backends(IntStream.range(0, BACKENDS)
                        .mapToObj(i -> Backend.builder("http://10.0." + i / 250 + "." + i % 250 + ":8080")
                                .zone("eu-1" + (char) ('a' + i % 3))
                                .build())
                        .toList())
                .strategy(Strategies.roundRobin())
                .build();
        PoolFixture.call(users, 2 * BACKENDS + 7, Map.of("10.0.3.7:8080", Outcome.FAILED));
        users.registry().maintenance("10.0.2.42:8080");
        StatsHandler handler = StatsHandler.builder(StatsPage.of(users))
                .controls(exchange -> true)
                .build();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/pools", handler);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        users.close();
    }

    @Test
    void page_hasABoundedSize() {
        StatsPage page = StatsPage.of(users);

        assertThat(page.html("nonce", "token").getBytes(StandardCharsets.UTF_8))
                .hasSizeBetween(1_000_000, MAX_PAGE_BYTES);
        assertThat(page.html().getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1_000_000, MAX_READ_ONLY_BYTES);
        assertThat(page.csv().lines()).hasSize(BACKENDS + 1);
    }

    @Test
    @Tag("long")
    void browser_sortsAndFilters_withoutAScrollBarAt1280Pixels() throws Exception {
        Chromium chromium = Chromium.find(directory);
        server.createContext("/frame", exchange -> {
            byte[] body = """
                    <!DOCTYPE html><title>frame</title><p id="measured"></p>
                    <iframe id="frame" width="1280" height="900" style="border:0" src="/bare"></iframe><script>
                    setInterval(() => {
                      const inner = document.getElementById('frame').contentDocument;
                      const scroll = inner.querySelector('.scroll');
                      document.getElementById('measured').textContent = inner.querySelectorAll('tr[data-backend]').length
                        + ' rows, page ' + inner.documentElement.scrollWidth + ' of ' + inner.documentElement.clientWidth
                        + ', table ' + scroll.scrollWidth + ' of ' + scroll.clientWidth;
                    }, 200);</script>""".getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        // Without the policy, which forbids frames.
        server.createContext("/bare", exchange -> {
            byte[] body = StatsPage.of(users).html("", "token").getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        String host = "http://localhost:" + server.getAddress().getPort();

        List<String> figures = found("(\\d+)", between(chromium.dump(host + "/frame"), "<p id=\"measured\">", "</p>"));
        assertThat(figures).hasSize(5);
        assertThat(figures.get(0)).isEqualTo("1000");
        assertThat(figures.get(1)).isEqualTo(figures.get(2));
        assertThat(figures.get(3)).isEqualTo(figures.get(4));

        String dom = chromium.dump(host + "/pools#filter=maintenance&sort=Requests&order=descending");
        assertThat(dom).contains(">1 of 1000 backends<");
        List<Integer> requests = found("data-backend.*?data-cell=\"requests\" class=\"num\">(\\d+)<", dom).stream()
                .map(Integer::valueOf)
                .toList();
        assertThat(requests).hasSize(BACKENDS).isSortedAccordingTo((a, b) -> b - a);
        assertThat(requests.get(0)).isGreaterThan(requests.get(BACKENDS - 1));
    }

    private static String between(String text, String before, String after) {
        int start = text.indexOf(before) + before.length();
        return text.substring(start, text.indexOf(after, start));
    }

    private static List<String> found(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
