package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatsPageTest {
    private static final Pattern COLOUR = Pattern.compile("--(\\w+): #([0-9a-f]{6})");
    private static final String HOSTILE = "\"><img src=x onerror=alert(1)>&'</script>";

    @Test
    void everythingThatOthersHaveNamed_isText() throws IOException {
        try (LoadBalancer users = LoadBalancers.builder("users")
                .backend(Backend.builder("http://10.0.0.1:8080")
                        .id(HOSTILE)
                        .zone(HOSTILE)
                        .metadata("note", HOSTILE)
                        .build())
                .healthCheck((backend, timeout) -> CompletableFuture.completedFuture(HealthResult.unhealthy(HOSTILE)))
                .build()) {
            Awaitility.await()
                    .until(() -> users.snapshot().backends().get(0).health() == HealthState.DOWN
                            && users.snapshot().backends().get(0).explanation().contains("onerror"));
            StatsPage page = StatsPage.of(users);

            for (String html : List.of(page.html(), page.html("n"), page.html("n", HOSTILE))) {
                assertThat(html)
                        .contains("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;&#39;&lt;/script&gt;")
                        .doesNotContain("<img")
                        .containsOnlyOnce("</script>");
            }
            JsonNode backend = new ObjectMapper()
                    .readTree(page.json())
                    .path("pools")
                    .path(0)
                    .path("backends")
                    .path(0);
            assertThat(backend.path("id").asText()).isEqualTo(HOSTILE);
            assertThat(backend.path("kind").asText()).isEqualTo("out");
        }
    }

    @Test
    void page_hasLandmarksAndHeadersAndNeedsNothingFromElsewhere() {
        try (LoadBalancer users =
                LoadBalancers.builder("users").backends("http://10.0.0.1:8080").build()) {
            String html = StatsPage.of(users).html("abc", "t");

            assertThat(html)
                    .contains("<html lang=\"en\">", "<title>", "<header>", "<main>", "<caption>", "<h1>", "<h2 ")
                    .contains(
                            "<th role=\"columnheader\" scope=\"col\">Backend</th>",
                            "<th role=\"rowheader\" scope=\"row\"",
                            "aria-live=\"polite\"")
                    .contains("aria-label=\"drain 10.0.0.1:8080\"", "aria-label=\"weight of 10.0.0.1:8080\"")
                    .contains("<style nonce=\"abc\">", "<script nonce=\"abc\">")
                    .doesNotContain(" style=", " onclick=", "src=", "@import", "url(");
        }
    }

    private static List<String> courses(String html) {
        return Pattern.compile("<polyline points=\"([^\"]*)\"/>")
                .matcher(html)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void course_isDrawnWithoutTheScript_fromTheLooksOfTheLast90Seconds() {
        AtomicLong nowMillis = new AtomicLong(1_000_000);
        try (LoadBalancer users = LoadBalancers.builder("users")
                .backends("http://10.0.0.1:8080", "http://10.0.0.2:8080")
                .build()) {
            StatsPage page = new StatsPage(() -> List.of(users), nowMillis::get);
            assertThat(courses(page.html())).containsExactly("", "");
            nowMillis.addAndGet(100_000);
            Lease lease = (Lease) users.acquire(RequestContext.NONE);
            lease.complete(Outcome.SUCCESS);
            users.registry().remove(other(lease)).toCompletableFuture().join();
            await().untilAsserted(() -> assertThat(users.snapshot().backends()).hasSize(1));

            page.json();
            nowMillis.addAndGet(1_000);
            page.json(); // too soon for another sample
            nowMillis.addAndGet(44_000);
            String html = page.html();

            assertThat(courses(html)).singleElement().asString().matches("45\\.0,2\\.0 90\\.0,2\\.0");
            assertThat(html).containsPattern("aria-label=\"latency over the last 90 s, highest \\d+\\.\\d\\d ms\"");
            assertThat(html).containsPattern("data-course=\"1100000:\\d+\\.\\d\\d 1145000:\\d+\\.\\d\\d\"");

            nowMillis.addAndGet(60_000);
            assertThat(courses(page.html())).singleElement().asString().matches("30\\.0,2\\.0 90\\.0,2\\.0");
        }
    }

    private static String other(Lease lease) {
        return lease.backend().id().equals("10.0.0.1:8080") ? "10.0.0.2:8080" : "10.0.0.1:8080";
    }

    @Test
    void course_ofABackendThatHasLeft_isForgotten() {
        try (LoadBalancer users =
                LoadBalancers.builder("users").backends("http://10.0.0.1:8080").build()) {
            ((Lease) users.acquire(RequestContext.NONE)).complete(Outcome.SUCCESS);
            LatencyHistory courses = new LatencyHistory();
            courses.look(1_000, List.of(users.snapshot()));
            assertThat(drawn(courses, 1_000)).contains("points=\"90.0,2.0\"");

            courses.look(6_000, List.of());

            assertThat(drawn(courses, 6_000)).contains("aria-label=\"latency\"", "points=\"\"");
        }
    }

    private static String drawn(LatencyHistory courses, long nowMillis) {
        StringBuilder html = new StringBuilder();
        courses.append(html, "users", "10.0.0.1:8080", nowMillis);
        return html.toString();
    }

    @Test
    void page_withoutScriptAndForms_loadsItselfAgain() {
        try (LoadBalancer users =
                LoadBalancers.builder("users").backends("http://10.0.0.1:8080").build()) {
            StatsPage page = StatsPage.of(users);

            assertThat(page.html()).contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
            assertThat(page.html("n", "t")).doesNotContain("http-equiv");
        }
    }

    @Test
    void queueAndAgeOfTheList_areShown() throws IOException {
        try (LoadBalancer users = LoadBalancers.builder("users")
                .discovery(receiver -> {
                    receiver.backends(List.of(Backend.of("http://10.0.0.1:8080")));
                    return () -> {};
                })
                .limits(LimitPolicy.maxInFlight(1).withQueue(5, Duration.ofMinutes(1)))
                .build()) {
            Lease lease = (Lease) users.acquire(RequestContext.NONE);
            CompletableFuture<PickResult> waiting = users.acquireOrWait(RequestContext.NONE);

            JsonNode pool = new ObjectMapper()
                    .readTree(StatsPage.of(users).json())
                    .path("pools")
                    .path(0);

            assertThat(pool.path("queued").asInt()).isEqualTo(1);
            assertThat(pool.path("discoveryAgeMillis").isNumber()).isTrue();
            assertThat(pool.path("summary").asText())
                    .matches(
                            "adaptive · 1 of 1 backends in use · 1 call in flight · 1 wait for room · list of \\d+ s ago");
            lease.complete(Outcome.SUCCESS);
            ((Lease) waiting.join()).complete(Outcome.SUCCESS);
        }
    }

    @Test
    void noPools_areSaid() {
        assertThat(StatsPage.of(List::of).html()).contains("There are no pools.");
        assertThat(StatsPage.of(List::of).json()).contains("\"pools\":[]");
    }

    /** WCAG 2.2, 1.4.3 and 1.4.11. */
    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void colours_haveContrast(String scheme) throws IOException {
        Map<String, Double> luminances = luminances(scheme);

        for (String ground : List.of("paper", "panel")) {
            for (String ink : List.of("ink", "dim", "good", "warn", "bad", "idle")) {
                assertThat(contrast(luminances.get(ink), luminances.get(ground)))
                        .as("%s on %s", ink, ground)
                        .isGreaterThanOrEqualTo(4.5);
            }
            assertThat(contrast(luminances.get("spark"), luminances.get(ground)))
                    .as("spark on %s", ground)
                    .isGreaterThanOrEqualTo(3);
        }
    }

    private static Map<String, Double> luminances(String scheme) throws IOException {
        String css;
        try (InputStream in = StatsPage.class.getResourceAsStream("page.css")) {
            css = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        int dark = css.indexOf("prefers-color-scheme: dark");
        Matcher colour = COLOUR.matcher(scheme.equals("dark") ? css.substring(dark) : css.substring(0, dark));
        Map<String, Double> luminances = new HashMap<>();
        while (colour.find()) {
            int rgb = Integer.parseInt(colour.group(2), 16);
            luminances.put(
                    colour.group(1),
                    0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255));
        }
        return luminances;
    }

    private static double linear(int channel) {
        double part = channel / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    }

    private static double contrast(double one, double other) {
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }
}
