package dev.evenkeel.lb.examples.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.examples.browser.Browser;
import dev.evenkeel.lb.examples.common.LocalPage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. */
@Timeout(600)
class PlaygroundBrowserTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** The share of a server that the chart of a side shows last: the height of the polygon's right edge. */
    private static final String LAST_SHARE = """
            (() => {
              const svg = document.querySelector('#%s [data-chart=share]');
              const points = svg.querySelector('polygon[data-server=%s]').getAttribute('points').split(' ')
                .map((point) => Number(point.split(',')[1]));
              return (points[points.length / 2] - points[points.length / 2 - 1]) / (110 - 6 - 6);
            })()""";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Browser browser;
    private Stage stage;
    private LocalPage page;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        browser = Browser.start(directory);
        stage = Stage.start(5, 40, List.of("adaptive", "roundRobin"));
        page = Playground.open(stage, 0);
        browser.prefer("light");
        browser.hideScrollbars();
        browser.resize(1_200, 1_050);
        browser.open(URI.create(page.url()));
    }

    @AfterEach
    void close() {
        if (page != null) {
            page.close();
        }
        if (stage != null) {
            stage.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void changesOfStrategyAndDeaths_showUpInTheCharts() throws IOException {
        // It loads: every chart of both sides draws, and round robin gives the slow server its fifth.
        browser.until("document.querySelectorAll('svg polygon').length === 10");
        browser.until("document.querySelectorAll('svg [data-line=p99]').length === 2");
        browser.until("document.querySelector('#left [data-line=p99]').getAttribute('d').includes('L')");
        browser.until(LAST_SHARE.formatted("right", "s5") + " > 0.12");
        browser.until("document.querySelector('#left select').value === 'adaptive'");

        // Another strategy: chosen on the page, it is marked in the charts, and leaves the slow server.
        browser.value("""
                (() => {
                  const select = document.querySelector('#right select');
                  select.value = 'leastResponseTime';
                  select.dispatchEvent(new Event('change'));
                })()""");
        browser.until("document.querySelector('#right svg').textContent.includes('right: leastResponseTime')");
        browser.until(LAST_SHARE.formatted("right", "s5") + " < 0.1");
        assertThat(stage.last().get(0).sides().get(1).strategy()).isEqualTo("leastResponseTime");

        // A death: no request reaches it any more, on either side.
        browser.until(LAST_SHARE.formatted("right", "s1") + " > 0");
        press("kill s1");
        browser.until("document.querySelector('#left svg').textContent.includes('kill s1')");
        for (String side : List.of("left", "right")) {
            browser.until(LAST_SHARE.formatted(side, "s1") + " === 0");
        }
        browser.until("/down|refused|breaker|open|ejected/i.test(document.querySelector('#servers').textContent)");
        browser.until("document.querySelector('#servers td.bad').textContent === 'dead'");

        // And back.
        press("restart s1");
        browser.until(LAST_SHARE.formatted("right", "s1") + " > 0");

        assertThat(browser.urls()).isNotEmpty().allMatch(url -> url.startsWith(page.url()) || url.startsWith("data:"));
        assertThat(browser.complaints()).isEmpty();
    }

    /** Writes what the README shows: {@code -Devenkeel.screenshot=FILE}. */
    @Test
    @EnabledIfSystemProperty(named = "evenkeel.screenshot", matches = ".+")
    void picture_isTakenAfterAMinute() throws IOException {
        stage.order(new ObjectMapper().createObjectNode().put("rate", 150));
        awaitFrame(24);
        press("kill s2");
        awaitFrame(54);
        press("restart s2");
        awaitFrame(80);
        stage.order(new ObjectMapper().createObjectNode().put("side", 1).put("strategy", "powerOfTwo"));
        awaitFrame(100);
        stage.order(new ObjectMapper().createObjectNode().put("server", "s3").put("millis", 60));
        awaitFrame(119);

        Path picture = Path.of(System.getProperty("evenkeel.screenshot"));
        browser.screenshot(picture);
        assertThat(picture.toFile().length()).isBetween(10_000L, 200_000L);
    }

    private void awaitFrame(long number) {
        await().atMost(PATIENCE).until(() -> stage.last().stream().anyMatch(frame -> frame.number() >= number));
    }

    private void press(String label) {
        browser.value("document.querySelector('button[aria-label=\"" + label + "\"]').click()");
    }
}
