package dev.evenkeel.lb.examples.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.examples.browser.Accessibility;
import dev.evenkeel.lb.examples.browser.Browser;
import dev.evenkeel.lb.examples.common.LocalPage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. */
@Tag("long")
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

    @Test
    void controls_setWhatTheAddressCarries_andTheAddressRestoresIt() throws IOException {
        browser.until("document.querySelector('#right select')?.value === 'roundRobin'");
        slide("clients", 4);
        slide("slowStart", 20);
        slide("rate", 30);
        browser.value("document.getElementById('pauses').click()");
        browser.value("document.getElementById('pause').click()");
        browser.value("""
                (() => {
                  const input = document.querySelector('input[aria-label="s2: weight"]');
                  input.value = 3;
                  input.dispatchEvent(new Event('change'));
                })()""");
        press("kill s4");
        String setup =
                "rate=30&clients=4&slowStart=20&pauses=on&left=adaptive&right=roundRobin&s1=10,0,4,1,up&s2=10,0,4,3,up"
                        + "&s3=10,0,4,1,up&s4=10,0,4,1,dead&s5=100,0,4,1,up";
        browser.until("location.hash === '#" + setup + "'");
        browser.until("document.getElementById('link').hash === '#" + setup + "'");

        String other = setup.replace("clients=4", "clients=2").replace("dead", "up");
        browser.open(URI.create("about:blank"));
        browser.open(URI.create(page.url() + "#" + other));
        browser.until("document.querySelector('output[for=clients]')?.textContent.startsWith('2')");
        browser.until("document.getElementById('pauses').checked");
        browser.until("location.hash === '#" + other + "'");
        assertThat(stage.setup().text()).isEqualTo(other);
    }

    @Test
    void addressThatMakesNoSense_isToldInWords() {
        browser.open(URI.create("about:blank"));
        browser.open(URI.create(page.url() + "#rate=9999&s1=fast"));

        browser.until("document.getElementById('news').textContent.includes('rate must be 1..500: 9999')");
        assertThat(browser.value("document.getElementById('news').textContent").asText())
                .contains("s1: expected MILLIS,ERRORS,CAPACITY,WEIGHT,STATE: \"fast\"");
        assertThat(stage.setup().rate()).isEqualTo(40);
    }

    @Test
    void rules_ofAccessibility_areKept() throws IOException {
        List<String> faults = new ArrayList<>();
        for (String colors : List.of("light", "dark")) {
            browser.prefer(colors);
            for (int width : List.of(400, 1_280)) {
                browser.resize(width, 900);
                browser.open(URI.create(page.url()));
                browser.until("document.querySelectorAll('svg polygon').length === 10");
                Accessibility.faults(browser).forEach(fault -> faults.add(colors + ", " + width + ": " + fault));
                int needed =
                        browser.value("document.documentElement.scrollWidth").asInt();
                if (needed > width) {
                    faults.add("the page needs " + needed + " of " + width);
                }
            }
        }

        assertThat(faults).isEmpty();
    }

    private void slide(String id, int value) {
        browser.value("""
                (() => {
                  const input = document.getElementById('%s');
                  input.value = %d;
                  input.dispatchEvent(new Event('change'));
                })()""".formatted(id, value));
    }

    /** Writes what the README shows: {@code -Devenkeel.screenshot=FILE}. */
    @Test
    @EnabledIfSystemProperty(named = "evenkeel.screenshot", matches = ".+")
    void picture_isTakenAfterAMinute() throws IOException {
        browser.resize(1_160, 1_095);
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
