package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the pools as an HTML page, once. */
final class StatsHtml {
    private static final String STYLE = resource("page.css");
    private static final String SCRIPT = resource("page.js");
    private static final String LEGEND = resource("legend.html");

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
        html.append(LEGEND)
                .append("</main>\n<script")
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
                .append("<noscript>Rates and news need JavaScript.</noscript></span>")
                .append("<span class=\"dim\" id=\"process\">")
                .append(Html.escape(ProcessFacts.text(nowMillis)))
                .append("</span>\n<label id=\"find\" hidden>Filter <input type=\"search\" id=\"filter\"></label>")
                .append("<span id=\"found\" role=\"status\"></span>\n<nav aria-label=\"Other formats\">")
                .append("<a href=\"?format=csv\">CSV</a> <a href=\"?format=json\">JSON</a></nav></header>\n")
                // Text for screen readers: changes of state, not each figure.
                .append("<p id=\"news\" role=\"status\" aria-live=\"polite\"></p>\n<main>\n");
    }

    private void section(String key, PoolRow shown) {
        PoolSnapshot snapshot = shown.snapshot();
        List<BackendRow> rows = shown.backends(key);
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
                .append("</span>\n<p class=\"dim facts\" id=\"")
                .append(key)
                .append("-facts\">")
                .append(Html.escape(shown.facts()))
                .append("</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"backends of ")
                .append(Html.escape(snapshot.pool()))
                // Roles, since the narrow layout's display takes them from the parts of a table.
                .append("\"><table role=\"table\">\n<caption>Backends, and why each is or is not in use</caption>\n")
                .append("<thead role=\"rowgroup\"><tr role=\"row\">");
        columns();
        rows.forEach(row -> row(snapshot.pool(), row));
        html.append("</tbody>\n<tfoot role=\"rowgroup\">");
        total(key, PoolTotals.of(rows));
        html.append("</tfoot></table></div>\n</section>\n");
    }

    private void columns() {
        html.append("<th role=\"columnheader\" scope=\"col\">Backend</th>");
        for (StatsColumn column : StatsColumn.values()) {
            html.append("<th role=\"columnheader\" scope=\"col\"")
                    .append(column.isNumber ? " class=\"num\">" : ">")
                    .append(column.title)
                    .append("</th>");
        }
        if (token != null) {
            html.append("<th role=\"columnheader\" scope=\"col\">Controls</th>");
        }
        html.append("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    }

    private void row(String pool, BackendRow row) {
        BackendStatus status = row.status();
        String id = status.backend().id();
        String zone = status.backend().zone();
        html.append("<tr role=\"row\" id=\"")
                .append(row.key())
                .append("\" data-backend=\"")
                .append(Html.escape(id))
                .append("\" data-admin=\"")
                .append(status.adminState())
                .append("\">")
                .append("<th role=\"rowheader\" scope=\"row\" title=\"")
                .append(Html.escape(status.backend().uri().toString()))
                .append("\">")
                .append(Html.escape(id))
                .append("<span class=\"place\">tier ")
                .append(status.backend().priority())
                .append(zone == null ? "" : ", zone " + Html.escape(zone))
                .append("</span></th>");
        Map<String, String> texts = BackendTexts.of(row);
        for (StatsColumn column : StatsColumn.values()) {
            cell(pool, row, column, texts);
        }
        if (token != null) {
            StatsActions.append(html, pool, id, status, token);
        }
        html.append("</tr>\n");
    }

    private void cell(String pool, BackendRow row, StatsColumn column, Map<String, String> texts) {
        switch (column) {
            case STATE -> cell(column, "state " + row.kind(), row.state());
            case SINCE -> since(row, texts.getOrDefault(column.cell, "\u2013"));
            case CHECK ->
                cell(
                        column,
                        row.figures().lastCheck() == null ? "text none" : "text",
                        texts.getOrDefault(column.cell, "\u2013"));
            case FAILURE_RATE ->
                cell(
                        column,
                        "num",
                        Decimals.tenths(new StringBuilder(), 100 * row.status().failureRate()) + " %");
            case REQUESTS -> cell(column, "num", Long.toString(row.status().requests()));
            case COURSE -> {
                html.append("<td role=\"cell\" data-cell=\"course\">");
                courses.append(html, pool, row.status().backend().id(), nowMillis);
                html.append("</td>");
            }
            default -> cell(column, column.classes(), texts.getOrDefault(column.cell, "\u2013"));
        }
    }

    private void since(BackendRow row, String text) {
        Duration stateFor = row.figures().stateFor();
        html.append("<td role=\"cell\" data-cell=\"since\" class=\"num\" data-sort=\"")
                .append(stateFor == null ? -1 : stateFor.toMillis())
                .append("\">")
                .append(Html.escape(text))
                .append("</td>");
    }

    private void total(String key, PoolTotals total) {
        html.append("<tr role=\"row\" id=\"").append(key).append("-total\"><th role=\"rowheader\" scope=\"row\">All ");
        html.append(total.backends()).append("</th>");
        Map<String, String> texts = total.texts();
        for (StatsColumn column : StatsColumn.values()) {
            cell(column, column.classes(), texts.getOrDefault(column.cell, ""));
        }
        html.append(token == null ? "</tr>" : "<td role=\"cell\"></td></tr>");
    }

    private void cell(StatsColumn column, String classes, String text) {
        html.append("<td role=\"cell\" data-cell=\"")
                .append(column.cell)
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
