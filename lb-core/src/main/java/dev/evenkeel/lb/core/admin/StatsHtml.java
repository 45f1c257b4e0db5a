package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the pools as an HTML page, once. */
final class StatsHtml {
    private static final String STYLE = resource("page.css");
    private static final String SCRIPT = resource("page.js");

    private final StringBuilder html;
    private final String attribute;
    private final @Nullable String token;
    private final LatencyHistory courses;
    private final long nowMillis;

    /**
     * A writer of one page.
     *
     * @param nonce for style and script; may be empty
     * @param token proves that a form is the page's own; null for no controls
     */
    StatsHtml(StringBuilder html, String nonce, @Nullable String token, LatencyHistory courses, long nowMillis) {
        this.html = html;
        this.attribute = nonce.isEmpty() ? "" : " nonce=\"" + Html.escape(nonce) + "\"";
        this.token = token;
        this.courses = courses;
        this.nowMillis = nowMillis;
    }

    void append(List<PoolRow> pools) {
        head();
        for (int i = 0; i < pools.size(); i++) {
            section("p" + i, pools.get(i));
        }
        if (pools.isEmpty()) {
            html.append("<p>There are no pools.</p>\n");
        }
        html.append("</main>\n<script")
                .append(attribute)
                .append(">\n")
                .append(SCRIPT)
                .append("</script>\n</body>\n</html>\n");
    }

    private void head() {
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
    }

    private void section(String key, PoolRow shown) {
        PoolSnapshot snapshot = shown.snapshot();
        html.append("<section data-pool=\"")
                .append(Html.escape(snapshot.pool()))
                .append("\" aria-labelledby=\"")
                .append(key)
                .append("-name\">\n<h2 id=\"")
                .append(key)
                .append("-name\">")
                .append(Html.escape(snapshot.pool()))
                .append("</h2>\n<span class=\"dim\" id=\"")
                .append(key)
                .append("\">")
                .append(Html.escape(shown.summary()))
                .append("</span>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"")
                .append(key)
                .append("-name\"><table>\n<caption>Backends, and why each is or is not in use</caption>\n<thead><tr>");
        columns();
        int index = 0;
        for (BackendStatus status : snapshot.backends()) {
            row(snapshot.pool(), BackendRow.of(key, index++, status));
        }
        html.append("</tbody></table></div>\n</section>\n");
    }

    private void columns() {
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
    }

    private void row(String pool, BackendRow row) {
        BackendStatus status = row.status();
        String id = status.backend().id();
        html.append("<tr id=\"")
                .append(row.key())
                .append("\" data-backend=\"")
                .append(Html.escape(id))
                .append("\" data-admin=\"")
                .append(status.adminState())
                .append("\">")
                .append("<th scope=\"row\" title=\"")
                .append(Html.escape(status.backend().uri().toString()))
                .append("\">")
                .append(Html.escape(id))
                .append("</th>");
        cells(row);
        html.append("<td data-cell=\"course\">");
        courses.append(html, pool, id, nowMillis);
        html.append("</td>");
        if (token != null) {
            StatsActions.append(html, pool, id, status, token);
        }
        html.append("</tr>\n");
    }

    private void cells(BackendRow row) {
        BackendStatus status = row.status();
        cell("state", "state " + row.kind(), row.state());
        cell("why", "why", status.explanation());
        cell("weight", "num", Integer.toString(status.backend().weight()));
        cell("inFlight", "num", Integer.toString(status.inFlight()));
        cell("requests", "num", Long.toString(status.requests()));
        cell("rate", "num", "–");
        cell("errors", "num", "–");
        cell("failureRate", "num", Decimals.tenths(new StringBuilder(), 100 * status.failureRate()) + " %");
        Double latencyMillis = row.latencyMillis();
        cell(
                "latency",
                "num",
                latencyMillis == null ? "–" : Decimals.hundredths(new StringBuilder(), latencyMillis) + " ms");
    }

    private void cell(String name, String classes, String text) {
        html.append("<td data-cell=\"")
                .append(name)
                .append("\" class=\"")
                .append(classes)
                .append("\">")
                .append(Html.escape(text))
                .append("</td>");
    }

    private static String resource(String name) {
        try (InputStream in = StatsHtml.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
