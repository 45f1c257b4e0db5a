package dev.evenkeel.lb.examples.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the site, with the Javadoc. */
class SiteTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    @TempDir
    private static Path site;

    private static String said = "";
    private static int code;

    @BeforeAll
    static void build() throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        code = Site.run(out, out, "--root", ROOT.toString(), "--out", site.toString());
        said = bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void build_endsWell_andSaysWhereTheSiteIs() {
        assertThat(said).isEqualTo(site.toUri() + "index.html" + System.lineSeparator());
        assertThat(code).isZero();
    }

    @Test
    void everyMarkdownFile_isAPage() throws IOException {
        Set<String> expected = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            files.map(file -> RepositoryLinks.slashed(ROOT.relativize(file)))
                    .filter(file -> file.endsWith(".md") && !file.startsWith(".github/"))
                    .filter(file -> !file.contains("target/"))
                    .forEach(file -> expected.add(RepositoryLinks.html(file)));
        }

        assertThat(expected).hasSizeGreaterThan(40);
        assertThat(pages().keySet().stream().filter(page -> !page.startsWith("api/")))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void javadoc_hasTheExportedPackagesAlone() {
        assertThat(site.resolve("api/dev.evenkeel.lb/dev/evenkeel/lb/Backend.html"))
                .exists();
        assertThat(site.resolve("api/dev.evenkeel.lb.core/dev/evenkeel/lb/core/LoadBalancers.html"))
                .exists();
        assertThat(site.resolve("api/dev.evenkeel.lb.okhttp/dev/evenkeel/lb/okhttp/LoadBalancing.html"))
                .exists();
        assertThat(site.resolve("api/dev.evenkeel.lb.core/dev/evenkeel/lb/core/internal"))
                .doesNotExist();
        assertThat(site.resolve("api/dev.evenkeel.lb.okhttp/dev/evenkeel/lb/okhttp/internal"))
                .doesNotExist();
    }

    @Test
    void everyLink_leadsToAFileAndAnAnchorThatExist() throws IOException {
        Map<String, Document> pages = pages();
        Map<String, Set<String>> anchors = new HashMap<>();
        pages.forEach((name, page) -> anchors.put(
                name,
                page.select("[id], a[name]").stream()
                        .map(element -> element.hasAttr("id") ? element.id() : element.attr("name"))
                        .collect(Collectors.toSet())));
        List<String> lost = new ArrayList<>();
        int checked = 0;
        for (Map.Entry<String, Document> page : pages.entrySet()) {
            for (Element element : page.getValue().select("[href], [src]")) {
                String link = element.hasAttr("href") ? element.attr("href") : element.attr("src");
                if (link.matches("(https?|data|mailto|javascript):.*")) {
                    continue;
                }
                checked++;
                if (!exists(page.getKey(), link, anchors)) {
                    lost.add(page.getKey() + ": " + link);
                }
            }
        }

        assertThat(checked).isGreaterThan(5_000);
        assertThat(lost).isEmpty();
    }

    private static boolean exists(String page, String link, Map<String, Set<String>> anchors) {
        String[] parts = link.split("#", 2);
        String target = parts[0].isEmpty()
                ? page
                : RepositoryLinks.slashed(Path.of(page).resolveSibling(parts[0]).normalize());
        if (!Files.isRegularFile(site.resolve(target))) {
            return false;
        }
        return parts.length == 1
                || parts[1].isEmpty()
                || !anchors.containsKey(target)
                || anchors.get(target)
                        .contains(URLDecoder.decode(parts[1].replace("+", "%2B"), StandardCharsets.UTF_8));
    }

    /** The page of the benchmarks has a heading called Results, as the box of the search was. */
    @Test
    void ids_areUniqueOnEachPage() throws IOException {
        pages().forEach((name, page) -> {
            if (!name.startsWith("api/")) {
                assertThat(page.select("[id]").eachAttr("id")).as(name).doesNotHaveDuplicates();
            }
        });
    }

    @Test
    void linksOutOfThePages_leadToTheRepository() throws IOException {
        String url = "https://github.com/evenkeel/evenkeel";
        Set<String> links = pages().get("lb-okhttp/docs/clients.html").select("main a[href]").stream()
                .map(link -> link.attr("href"))
                .filter(link -> link.startsWith(url))
                .collect(Collectors.toSet());

        assertThat(links)
                .contains(
                        url
                                + "/blob/HEAD/lb-examples/clients/src/main/java/dev/evenkeel/lb/examples/clients/PoolChannel.java");
        assertThat(links)
                .allSatisfy(link -> assertThat(ROOT.resolve(
                                URI.create(link).getPath().replaceFirst("^/evenkeel/evenkeel/(blob|tree)/HEAD/", "")))
                        .exists());
    }

    @Test
    void navigation_followsTheIndexOfTheManual() throws IOException {
        List<String> order = pages().get("index.html").select("nav.pages a").eachAttr("href");

        assertThat(order)
                .startsWith(
                        "index.html",
                        "lb-okhttp/docs/index.html",
                        "lb-okhttp/docs/getting-started.html",
                        "lb-okhttp/docs/strategies.html",
                        "lb-okhttp/docs/health.html",
                        "lb-okhttp/docs/retries.html",
                        "lb-okhttp/docs/faults.html",
                        "lb-okhttp/docs/routes.html");
        assertThat(order).doesNotHaveDuplicates();
        Document health = pages().get("lb-okhttp/docs/health.html");
        assertThat(health.select("[aria-current=page]").eachText()).containsExactly("Health and failover");
        assertThat(health.select("a[rel=prev]").attr("href")).isEqualTo("../../lb-okhttp/docs/strategies.html");
        assertThat(health.select("a[rel=next]").attr("href")).isEqualTo("../../lb-okhttp/docs/retries.html");
        assertThat(health.select("nav.toc a").eachAttr("href")).hasSizeGreaterThan(5);
    }

    private static Map<String, Document> pages() throws IOException {
        Map<String, Document> pages = new HashMap<>();
        try (Stream<Path> files = Files.walk(site)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".html")).toList()) {
                pages.put(RepositoryLinks.slashed(site.relativize(file)), Jsoup.parse(file.toFile(), "UTF-8"));
            }
        }
        return pages;
    }
}
