package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page at the widths of a desk and of a telephone, sorted and filtered, in a real browser. With
 * {@code -Devenkeel.update=true} it takes the pictures of the manual.
 */
class StatsLayoutTest {
    private static final Path MANUAL = Path.of("../lb-okhttp/docs");

    @TempDir
    private Path directory;

    private final PoolFixture fixture = new PoolFixture();
    private Chromium chromium;
    private LoadBalancer users;
    private HttpServer server;
    private String host;

    @BeforeEach
    void start() throws IOException {
        chromium = Chromium.find(directory);
        users = fixture.builder()
                .backends(IntStream.rangeClosed(1, 8)
                        .mapToObj(i -> Backend.builder("http://10.0.0." + i + ":8080")
                                .zone(i % 2 == 0 ? "eu-1b" : "eu-1a")
                                .priority(i > 6 ? 1 : 0)
                                .weight(i == 2 ? 50 : 100)
                                .maxInFlight(200)
                                .build())
                        .toList())
                .strategy(Strategies.roundRobin())
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                backend.id().equals("10.0.0.3:8080")
                                        ? HealthResult.unhealthy("connection refused")
                                        : HealthResult.healthy("200")))
                        .jitterPercent(0)
                        .build())
                .build();
        for (int i = 0; i < 60; i++) {
            fixture.time.advance(Duration.ofSeconds(2));
            calls(i < 57 ? Outcome.SUCCESS : Outcome.SERVER_ERROR);
        }
        users.registry().drain("10.0.0.5:8080");
        users.registry().maintenance("10.0.0.6:8080");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        StatsPage page =
                new StatsPage(() -> List.of(users), () -> 1_700_000_000_000L + fixture.time.nanoTime() / 1_000_000);
        for (int i = 0; i < 44; i++) {
            page.json();
            fixture.time.advance(Duration.ofSeconds(2));
            calls(Outcome.SUCCESS);
        }
        StatsHandler handler =
                StatsHandler.builder(page).controls(exchange -> true).build();
        server.createContext("/pools", exchange -> {
            fixture.time.advance(Duration.ofSeconds(2));
            calls(Outcome.SUCCESS);
            handler.handle(exchange);
        });
        // The page without its policy, in a frame of some width, measured by a script.
        server.createContext("/bare", exchange -> {
            if ("format=json".equals(exchange.getRequestURI().getRawQuery())) {
                answer(exchange, "application/json", page.json());
            } else {
                answer(exchange, "text/html", page.html("", "t"));
            }
        });
        server.createContext(
                "/frame",
                exchange -> answer(exchange, "text/html", """
                <!DOCTYPE html><title>frame</title><p id="measured"></p>
                <iframe id="frame" width="WIDTH" height="900" style="border:0" src="/bare"></iframe><script>
                setInterval(() => {
                  const inner = document.getElementById('frame').contentDocument;
                  const scroll = inner.querySelector('.scroll');
                  document.getElementById('measured').textContent = 'page ' + inner.documentElement.scrollWidth
                    + ' of ' + inner.documentElement.clientWidth + ', table ' + scroll.scrollWidth + ' of '
                    + scroll.clientWidth + ', right of the controls '
                    + Math.ceil(inner.querySelector('summary').getBoundingClientRect().right) + ', display '
                    + inner.defaultView.getComputedStyle(inner.querySelector('tbody tr')).display;
                }, 200);</script>""".replace(
                                "WIDTH", exchange.getRequestURI().getRawQuery())));
        server.start();
        host = "http://localhost:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
            users.close();
        }
    }

    private void calls(Outcome ofTheFourth) {
        for (int i = 0; i < 40; i++) {
            Lease lease = (Lease) users.acquire(RequestContext.NONE);
            boolean isFourth = lease.backend().id().equals("10.0.0.4:8080");
            fixture.time.advance(Duration.ofMillis(2 + i % 3));
            lease.complete(isFourth ? ofTheFourth : Outcome.SUCCESS);
        }
    }

    private static void answer(HttpExchange exchange, String type, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String measured(int width) throws IOException, InterruptedException {
        String dom = chromium.dump(host + "/frame?" + width);
        int start = dom.indexOf("<p id=\"measured\">") + 17;
        return dom.substring(start, dom.indexOf("</p>", start));
    }

    private static List<String> found(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void pageAt1280Pixels_hasItsControlsInReach_withoutAScrollBar() throws Exception {
        List<String> figures = found("(\\d+)", measured(1_280));

        assertThat(figures).as("page, its frame, table, its frame, controls").hasSize(5);
        assertThat(figures.get(0)).isEqualTo(figures.get(1));
        assertThat(figures.get(2)).isEqualTo(figures.get(3));
        assertThat(Integer.parseInt(figures.get(4))).isLessThan(1_280);
    }

    @Test
    void pageAt400Pixels_showsEachBackendAsABlock_withoutAScrollBar() throws Exception {
        String measured = measured(400);
        List<String> figures = found("(\\d+)", measured);

        assertThat(measured).endsWith("display block");
        assertThat(figures.get(0)).isEqualTo(figures.get(1));
        assertThat(figures.get(2)).isEqualTo(figures.get(3));
        assertThat(Integer.parseInt(figures.get(4))).isLessThan(400);
    }

    @Test
    void addressWithAnOrder_sortsTheRows_andSaysSoInTheHeader() throws Exception {
        String dom = chromium.dump(host + "/pools#sort=Requests&order=descending");

        List<Integer> requests = found("data-backend.*?data-cell=\"requests\" class=\"num\">(\\d+)<", dom).stream()
                .map(Integer::valueOf)
                .toList();
        assertThat(requests).hasSize(8).isSortedAccordingTo((a, b) -> b - a);
        assertThat(requests.get(0)).isGreaterThan(requests.get(7));
        assertThat(dom).contains("aria-sort=\"descending\"><button class=\"sort\">Requests</button>");
        assertThat(found("aria-sort=\"(\\w+)\"", dom)).hasSize(1);
    }

    @Test
    void addressWithAFilter_hidesWhatHasNotAllWords() throws Exception {
        String dom = chromium.dump(host + "/pools#filter=eu-1b+Maintenance");

        assertThat(found("<tr role=\"row\" id=\"[^\"]*\" data-backend=\"([^\"]*)\" data-admin=\"\\w+\">", dom))
                .containsExactly("10.0.0.6:8080");
        assertThat(dom).contains(">1 of 8 backends<").doesNotContain("id=\"find\" hidden");
    }

    @Test
    void pictures_ofTheManual() throws Exception {
        boolean isUpdate = Boolean.getBoolean("evenkeel.update");
        Path target = isUpdate ? MANUAL : directory;
        chromium.screenshot(host + "/pools", target.resolve("stats-light.png"), 1_280, 800, false);
        chromium.screenshot(host + "/pools", target.resolve("stats-dark.png"), 1_280, 800, true);
        chromium.screenshot(host + "/pools", target.resolve("stats-narrow.png"), 500, 1_000, false);

        for (String name : List.of("stats-light.png", "stats-dark.png", "stats-narrow.png")) {
            assertThat(Files.size(target.resolve(name))).as(name).isPositive();
            assertThat(MANUAL.resolve(name)).exists();
        }
    }
}
