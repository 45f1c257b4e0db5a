package dev.evenkeel.lb.core.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pools as a page and as JSON, for any server. The page is self-contained: style and script are in it, and the script
 * requests the page's own address with {@code ?format=json} for changes. A server that sends a Content-Security-Policy
 * gives style and script a nonce.
 *
 * <p>Each request, for the page or for JSON, is a sample of the latencies whose history the page shows, also without
 * its script.
 *
 * <p>Thread-safe. Costs time in proportion to the number of backends, and calls none of them.
 */
public final class StatsPage {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String STYLE = resource("page.css");
    private static final String SCRIPT = resource("page.js");

    private final Supplier<? extends Collection<? extends LoadBalancer>> pools;
    private final LongSupplier clockMillis;
    private final LatencyHistory courses = new LatencyHistory();
    private volatile int lastLength = 32_768;

    /** With a clock that returns milliseconds since the epoch. */
    StatsPage(Supplier<? extends Collection<? extends LoadBalancer>> pools, LongSupplier clockMillis) {
        this.pools = pools;
        this.clockMillis = clockMillis;
    }

    /**
     * A page of some pools.
     *
     * @param pools in this order
     * @return a page
     */
    public static StatsPage of(LoadBalancer... pools) {
        List<LoadBalancer> all = List.of(pools);
        return of(() -> all);
    }

    /**
     * A page of pools that may change, as those of a configuration do.
     *
     * @param pools read for each request
     * @return a page
     */
    public static StatsPage of(Supplier<? extends Collection<? extends LoadBalancer>> pools) {
        return new StatsPage(pools, System::currentTimeMillis);
    }

    /**
     * The pools' current state.
     *
     * @return JSON
     */
    public String json() {
        Map<String, Object> page = new LinkedHashMap<>();
        long nowMillis = clockMillis.getAsLong();
        page.put("atMillis", nowMillis);
        List<Object> described = new ArrayList<>();
        List<Shown> shown = shown(nowMillis);
        for (int i = 0; i < shown.size(); i++) {
            described.add(describe("p" + i, shown.get(i)));
        }
        page.put("pools", described);
        try {
            return JSON.writeValueAsString(page);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> describe(String key, Shown shown) {
        PoolSnapshot snapshot = shown.snapshot();
        Map<String, Object> pool = new LinkedHashMap<>();
        pool.put("key", key);
        pool.put("name", snapshot.pool());
        pool.put("strategy", snapshot.strategy());
        pool.put("closed", snapshot.closed());
        pool.put("summary", summary(shown));
        pool.put("queued", shown.figures().queued());
        pool.put("latencyP95Millis", shown.figures().latencyP95Nanos() / 1e6);
        long ageNanos = shown.figures().discoveryAgeNanos();
        pool.put("discoveryAgeMillis", ageNanos < 0 ? null : ageNanos / 1_000_000);
        List<Object> backends = new ArrayList<>();
        int index = 0;
        for (BackendStatus status : snapshot.backends()) {
            backends.add(describe(BackendRow.of(key, index++, status)));
        }
        pool.put("backends", backends);
        return pool;
    }

    private static Map<String, Object> describe(BackendRow row) {
        BackendStatus status = row.status();
        Map<String, Object> backend = new LinkedHashMap<>();
        backend.put("key", row.key());
        backend.put("id", status.backend().id());
        backend.put("uri", status.backend().uri().toString());
        backend.put("priority", status.backend().priority());
        backend.put("zone", status.backend().zone());
        backend.put("state", row.state());
        backend.put("kind", row.kind());
        backend.put("explanation", status.explanation());
        backend.put("adminState", status.adminState().name());
        backend.put("health", status.health().name());
        backend.put("healthCause", status.healthCause());
        backend.put("breaker", status.breaker().name());
        backend.put("weight", status.backend().weight());
        backend.put("effectiveWeight", status.effectiveWeight());
        backend.put("inFlight", status.inFlight());
        backend.put("requests", status.requests());
        backend.put("failures", row.failures());
        Map<String, Long> outcomes = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome.name(), status.count(outcome));
        }
        backend.put("outcomes", outcomes);
        backend.put("latencyMillis", row.latencyMillis());
        backend.put("failureRate", status.failureRate());
        return backend;
    }

    /**
     * The page without controls.
     *
     * @return HTML in UTF-8
     */
    public String html() {
        return html("");
    }

    /**
     * The page without controls, for a server that sends a Content-Security-Policy with it.
     *
     * @param nonce the nonce of the policy: {@code style-src 'nonce-…'; script-src 'nonce-…'; connect-src 'self'}; a
     *     new one for each page; empty for none
     * @return HTML in UTF-8
     */
    public String html(String nonce) {
        return html(nonce, null);
    }

    /**
     * The page.
     *
     * @param nonce for style and script; may be empty
     * @param token proves that a form is the page's own; null for no controls
     */
    public String html(String nonce, @Nullable String token) {
        StringBuilder html = new StringBuilder(lastLength + lastLength / 16);
        long nowMillis = clockMillis.getAsLong();
        String attribute = nonce.isEmpty() ? "" : " nonce=\"" + escape(nonce) + "\"";
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>Evenkeel: pools</title>\n<link rel=\"icon\" href=\"data:,\">\n<style")
                .append(attribute)
                .append(">\n")
                .append(STYLE)
                .append("</style>\n")
                // Histories continue without the script; but a page with forms must not reload while one is filled in.
                .append(token == null ? "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>\n" : "")
                .append("</head>\n<body>\n<header><h1>Pools</h1>")
                .append("<span class=\"dim\" id=\"note\" data-last=\"the page was loaded\">")
                .append("<noscript>Rates and news need JavaScript.</noscript></span></header>\n")
                // Text for screen readers: changes of state, not each figure.
                .append("<p id=\"news\" role=\"status\" aria-live=\"polite\"></p>\n<main>\n");
        List<Shown> shown = shown(nowMillis);
        for (int i = 0; i < shown.size(); i++) {
            section(html, "p" + i, shown.get(i), token, nowMillis);
        }
        if (shown.isEmpty()) {
            html.append("<p>There are no pools.</p>\n");
        }
        html.append("</main>\n<script")
                .append(attribute)
                .append(">\n")
                .append(SCRIPT)
                .append("</script>\n");
        lastLength = html.append("</body>\n</html>\n").length();
        return html.toString();
    }

    private void section(StringBuilder html, String key, Shown shown, @Nullable String token, long nowMillis) {
        PoolSnapshot snapshot = shown.snapshot();
        html.append("<section data-pool=\"")
                .append(escape(snapshot.pool()))
                .append("\" aria-labelledby=\"")
                .append(key)
                .append("-name\">\n<h2 id=\"")
                .append(key)
                .append("-name\">")
                .append(escape(snapshot.pool()))
                .append("</h2>\n<span class=\"dim\" id=\"")
                .append(key)
                .append("\">")
                .append(escape(summary(shown)))
                .append("</span>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"")
                .append(key)
                .append("-name\"><table>\n<caption>Backends, and why each is or is not in use</caption>\n<thead><tr>");
        for (String column : List.of("Backend", "State", "Why")) {
            html.append("<th scope=\"col\">").append(column).append("</th>");
        }
        for (String column :
                List.of("Weight", "In flight", "Requests", "Per second", "Failures per second", "Failing", "Latency")) {
            html.append("<th scope=\"col\" class=\"num\">").append(column).append("</th>");
        }
        html.append("<th scope=\"col\">Course</th>");
        if (token != null) {
            html.append("<th scope=\"col\">Controls</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        int index = 0;
        for (BackendStatus status : snapshot.backends()) {
            row(html, snapshot.pool(), BackendRow.of(key, index++, status), token, nowMillis);
        }
        html.append("</tbody></table></div>\n</section>\n");
    }

    private void row(StringBuilder html, String pool, BackendRow row, @Nullable String token, long nowMillis) {
        BackendStatus status = row.status();
        String id = status.backend().id();
        html.append("<tr id=\"")
                .append(row.key())
                .append("\" data-backend=\"")
                .append(escape(id))
                .append("\" data-admin=\"")
                .append(status.adminState())
                .append("\">")
                .append("<th scope=\"row\" title=\"")
                .append(escape(status.backend().uri().toString()))
                .append("\">")
                .append(escape(id))
                .append("</th>");
        cell(html, "state", "state " + row.kind(), row.state());
        cell(html, "why", "why", status.explanation());
        cell(html, "weight", "num", Integer.toString(status.backend().weight()));
        cell(html, "inFlight", "num", Integer.toString(status.inFlight()));
        cell(html, "requests", "num", Long.toString(status.requests()));
        cell(html, "rate", "num", "–");
        cell(html, "errors", "num", "–");
        cell(html, "failureRate", "num", Decimals.tenths(new StringBuilder(), 100 * status.failureRate()) + " %");
        Double latencyMillis = row.latencyMillis();
        cell(
                html,
                "latency",
                "num",
                latencyMillis == null ? "–" : Decimals.hundredths(new StringBuilder(), latencyMillis) + " ms");
        html.append("<td data-cell=\"course\">");
        courses.append(html, pool, id, nowMillis);
        html.append("</td>");
        if (token != null) {
            StatsActions.append(html, pool, id, status, token);
        }
        html.append("</tr>\n");
    }

    private static void cell(StringBuilder html, String name, String classes, String text) {
        html.append("<td data-cell=\"")
                .append(name)
                .append("\" class=\"")
                .append(classes)
                .append("\">")
                .append(escape(text))
                .append("</td>");
    }

    private static String summary(Shown shown) {
        PoolSnapshot snapshot = shown.snapshot();
        if (snapshot.closed()) {
            return snapshot.strategy() + ", closed";
        }
        long eligible =
                snapshot.backends().stream().filter(BackendStatus::isEligible).count();
        StringJoiner text = new StringJoiner(" · ");
        text.add(snapshot.strategy());
        text.add(eligible + " of " + snapshot.backends().size() + " backends in use");
        text.add(snapshot.inFlight() + (snapshot.inFlight() == 1 ? " call" : " calls") + " in flight");
        if (shown.figures().queued() > 0) {
            text.add(shown.figures().queued() + " wait for room");
        }
        long ageNanos = shown.figures().discoveryAgeNanos();
        if (ageNanos >= 0) {
            text.add("list of " + ageNanos / 1_000_000_000 + " s ago");
        }
        for (TierStatus tier : snapshot.tiers()) {
            if (snapshot.tiers().size() > 1 || tier.panic()) {
                text.add("tier " + tier.priority() + " gets " + tier.loadPercent() + " %, " + tier.healthyPercent()
                        + " % healthy" + (tier.panic() ? ", in panic" : ""));
            }
        }
        return text.toString();
    }

    /** One pool as the page shows it. */
    private record Shown(PoolSnapshot snapshot, PoolFigures figures) {}

    private List<Shown> shown(long nowMillis) {
        List<Shown> shown = new ArrayList<>();
        for (LoadBalancer pool : pools.get()) {
            shown.add(new Shown(pool.snapshot(), pool.figures()));
        }
        courses.look(nowMillis, shown.stream().map(Shown::snapshot).toList());
        return shown;
    }

    /** The pool with a name; null if the page has none. */
    @Nullable
    LoadBalancer pool(String name) {
        for (LoadBalancer pool : pools.get()) {
            if (pool.name().equals(name)) {
                return pool;
            }
        }
        return null;
    }

    /**
     * Escapes for HTML, in Latin-1 only: a string with one other character takes twice the memory, and a page is copied
     * many times.
     */
    static String escape(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                    if (Character.isISOControl(c)) {
                        escaped.append(' ');
                    } else if (c > 0xFF) {
                        escaped.append("&#").append(c).append(';');
                    } else {
                        escaped.append((char) c);
                    }
                }
            }
        });
        return escaped.toString();
    }

    /** Whether there is nothing to escape, as in nearly every text. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c > 0xFF || Character.isISOControl(c)) {
                return false;
            }
        }
        return true;
    }

    private static String resource(String name) {
        try (InputStream in = StatsPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
