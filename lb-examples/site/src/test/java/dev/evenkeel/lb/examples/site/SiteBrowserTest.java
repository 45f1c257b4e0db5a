package dev.evenkeel.lb.examples.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The pages in a real browser, opened as files: minutes. */
@Tag("long")
@Timeout(900)
class SiteBrowserTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final int NARROW = 400;
    private static final int WIDE = 1_280;
    private static final List<String> LOOKED_AT = List.of(
            "index.html",
            "lb-okhttp/docs/configuration.html",
            "lb-okhttp/docs/glossary.html",
            "lb-okhttp/docs/architecture.html",
            "lb-examples/simulation/report/RESULTS.html");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path directory;

    private static Path site;
    private static Browser browser;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        site = directory.resolve("site");
        browser = Browser.start(directory);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Site.run(out, out, "--root", ROOT.toString(), "--out", site.toString(), "--without-api");
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void everyPage_fitsItsWindow_andAsksForNothingOutsideOfTheSite() throws IOException {
        List<String> wide = new ArrayList<>();
        browser.prefer("light");
        for (Section section : Outline.of(ROOT)) {
            for (Section.Entry entry : section.pages()) {
                for (int width : List.of(NARROW, WIDE)) {
                    browser.resize(width, 900);
                    open(entry.target());
                    awaitDiagrams();
                    int needed = browser.value("document.documentElement.scrollWidth")
                            .asInt();
                    if (needed > width) {
                        wide.add(entry.target() + " needs " + needed + " of " + width);
                    }
                }
            }
        }

        assertThat(wide).isEmpty();
        assertThat(browser.urls())
                .hasSizeGreaterThan(100)
                .allSatisfy(url -> assertThat(url).matches("about:blank|data:,?.*|" + site.toUri() + ".*"));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void slashKey_searches_andArrowsReachWhatIsFound() {
        browser.resize(WIDE, 900);
        open("lb-okhttp/docs/health.html");

        browser.press("/", "/");
        browser.type("peak ewma");
        until("document.querySelectorAll('#siteResults a').length > 0");
        assertThat(browser.value("document.querySelector('#siteResults a').textContent")
                        .asText())
                .containsIgnoringCase("ewma");

        browser.value("document.getElementById('siteSearch').value = ''");
        browser.type("evenkeel.discovery.failing");
        until("document.querySelector('#siteResults').textContent.includes('Metrics')");
        browser.press("ArrowDown", "");
        assertThat(browser.value("document.activeElement.href").asText())
                .startsWith(site.toUri().toString());

        browser.press("Escape", "");
        assertThat(browser.value("document.getElementById('siteResults').hidden")
                        .asBoolean())
                .isTrue();
        assertThat(browser.value("document.activeElement.id").asText()).isEqualTo("siteSearch");
    }

    @Test
    void search_leadsToThePassage() {
        browser.resize(NARROW, 900);
        open("index.html");

        search("glossary panic");
        browser.press("Enter", "");
        until("location.pathname.endsWith('glossary.html') && document.readyState === 'complete'");
        browser.value("document.getElementById('siteSearch').focus()");
        browser.type("no page has this zyxwv");
        until("document.getElementById('siteResults').textContent.includes('Nothing found.')");
    }

    @Test
    void rules_ofAccessibility_areKept() throws IOException {
        String axe = axe();
        List<String> faults = new ArrayList<>();
        for (String colors : List.of("light", "dark")) {
            browser.prefer(colors);
            for (int width : List.of(NARROW, WIDE)) {
                browser.resize(width, 900);
                for (String page : LOOKED_AT) {
                    open(page);
                    awaitDiagrams();
                    if (page.equals("index.html")) {
                        search("slow start");
                    }
                    browser.value(axe);
                    JsonNode found = browser.value("axe.run().then(found => ({ passes: found.passes.length,"
                            + " faults: found.violations.map(fault => fault.id + ': ' + fault.nodes.length + ' × '"
                            + " + fault.nodes[0].html + ' ' + fault.nodes[0].failureSummary) }))");
                    assertThat(found.path("passes").asInt()).isGreaterThan(15);
                    found.path("faults")
                            .forEach(fault -> faults.add(page + ", " + colors + ", " + width + ": " + fault.asText()));
                }
            }
        }

        assertThat(faults).isEmpty();
    }

    @Test
    void diagrams_areDrawn() {
        browser.resize(WIDE, 900);
        open("lb-okhttp/docs/architecture.html");

        until("document.querySelectorAll('pre.mermaid svg .node').length > 20");
    }

    @Test
    @EnabledIfSystemProperty(named = "evenkeel.screenshots", matches = ".+")
    void screenshots() throws IOException {
        Path target = Files.createDirectories(Path.of(System.getProperty("evenkeel.screenshots")));
        for (String colors : List.of("light", "dark")) {
            browser.prefer(colors);
            for (int width : List.of(NARROW, WIDE)) {
                browser.resize(width, 900);
                for (String page : LOOKED_AT) {
                    open(page);
                    awaitDiagrams();
                    browser.screenshot(
                            target.resolve(page.replaceAll("[/.]", "_") + "_" + colors + "_" + width + ".png"));
                }
                search("slow start");
                browser.screenshot(target.resolve("search_" + colors + "_" + width + ".png"));
            }
        }
    }

    private static void search(String words) {
        browser.value("document.getElementById('siteSearch').focus()");
        browser.type(words);
        until("document.querySelectorAll('#siteResults a').length > 0");
    }

    private static void open(String page) {
        browser.open(site.resolve(page).toUri());
    }

    private static void awaitDiagrams() {
        until("[...document.querySelectorAll('pre.mermaid')].every(block => block.dataset.processed)");
    }

    private static void until(String condition) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .pollDelay(Duration.ZERO)
                .until(() -> browser.value(condition).asBoolean());
    }

    private static String axe() throws IOException {
        try (InputStream in = SiteBrowserTest.class.getResourceAsStream("/axe.min.js")) {
            assertThat(in).as("axe.min.js").isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
