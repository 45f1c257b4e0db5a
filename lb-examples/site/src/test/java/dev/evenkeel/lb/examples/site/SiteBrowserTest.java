package dev.evenkeel.lb.examples.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.browser.Accessibility;
import dev.evenkeel.lb.examples.browser.Browser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        browser.until("document.querySelectorAll('#siteResults a').length > 0");
        assertThat(browser.value("document.querySelector('#siteResults a').textContent")
                        .asText())
                .containsIgnoringCase("ewma");

        browser.value("document.getElementById('siteSearch').value = ''");
        browser.type("evenkeel.discovery.failing");
        browser.until("document.querySelector('#siteResults').textContent.includes('Metrics')");
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
        browser.until("location.pathname.endsWith('glossary.html') && document.readyState === 'complete'");
        browser.value("document.getElementById('siteSearch').focus()");
        browser.type("no page has this zyxwv");
        browser.until("document.getElementById('siteResults').textContent.includes('Nothing found.')");
    }

    @Test
    void rules_ofAccessibility_areKept() throws IOException {
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
                    Accessibility.faults(browser)
                            .forEach(fault -> faults.add(page + ", " + colors + ", " + width + ": " + fault));
                }
            }
        }

        assertThat(faults).isEmpty();
    }

    @Test
    void diagrams_areDrawn() {
        browser.resize(WIDE, 900);
        open("lb-okhttp/docs/architecture.html");

        browser.until("document.querySelectorAll('pre.mermaid svg .node').length > 20");
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
        browser.until("document.querySelectorAll('#siteResults a').length > 0");
    }

    private static void open(String page) {
        browser.open(site.resolve(page).toUri());
    }

    private static void awaitDiagrams() {
        browser.until("[...document.querySelectorAll('pre.mermaid')].every(block => block.dataset.processed)");
    }
}
