package dev.evenkeel.lb.examples.site;

import static dev.evenkeel.lb.examples.site.Html.escaped;

import dev.evenkeel.lb.examples.site.Section.Entry;
import java.util.List;
import org.commonmark.node.Heading;

/** What each page has around its text: search, navigation, its headings, the pages before and after. */
final class Layout {
    private static final int MAX_LEVEL = 3;
    /** A page with more headings than this lists those of level 2 alone. */
    private static final int MANY_HEADINGS = 40;

    /** Its ids have capital letters, which the ids of headings have not. */
    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>%1$s</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="%2$sassets/site.css">
            <script defer src="%2$sassets/site.js"></script>
            <script defer src="%2$sassets/search.js"></script>
            %3$s</head>
            <body data-root="%2$s">
            <a class="skip" href="#siteContent">Skip to the text</a>
            <header>
            <a class="brand" href="%2$sindex.html">Evenkeel</a>
            <search>
            <input id="siteSearch" type="search" placeholder="Search ( / )" aria-label="Search the site" aria-controls="siteResults" autocomplete="off">
            <div id="siteResults" hidden></div>
            <p id="siteFound" class="unseen" role="status"></p>
            </search>
            <nav class="top" aria-label="Site"><a href="%2$slb-okhttp/docs/index.html">Manual</a> <a href="%2$sapi/index.html">Javadoc</a> <a href="%4$s">Source</a></nav>
            </header>
            <div class="columns">
            <nav class="pages" aria-label="Pages">
            <details open><summary>All pages</summary>
            %5$s</details>
            </nav>
            <main id="siteContent" tabindex="-1">
            %6$s<nav class="turn" aria-label="Previous and next page">%7$s</nav>
            </main>
            %8$s</div>
            </body>
            </html>
            """;

    private final List<Section> sections;
    private final List<Entry> entries;
    private final String repository;

    /**
     * Makes it.
     *
     * @param sections the navigation
     * @param repository the repository on the web
     */
    Layout(List<Section> sections, String repository) {
        this.sections = List.copyOf(sections);
        this.repository = repository;
        entries = sections.stream().flatMap(section -> section.pages().stream()).toList();
    }

    /** A page as a whole. */
    String page(Entry entry, Markdown page, Content content) {
        String root = Html.toRoot(entry.target());
        String title = page.title().equals("Evenkeel") ? page.title() : page.title() + " · Evenkeel";
        String diagrams = content.hasDiagram()
                ? "<script defer src=\"" + root + "assets/mermaid.min.js\"></script>\n<script defer src=\"" + root
                        + "assets/diagrams.js\"></script>\n"
                : "";
        return PAGE.formatted(
                escaped(title),
                root,
                diagrams,
                escaped(repository),
                navigation(entry, root),
                content.html(),
                turn(entry, root),
                headings(page));
    }

    private String navigation(Entry current, String root) {
        StringBuilder html = new StringBuilder();
        for (Section section : sections) {
            html.append("<h2>").append(escaped(section.title())).append("</h2>\n<ul>\n");
            for (Entry entry : section.pages()) {
                html.append("<li><a href=\"")
                        .append(root)
                        .append(entry.target())
                        .append('"');
                html.append(entry.equals(current) ? " aria-current=\"page\">" : ">");
                html.append(escaped(entry.label())).append("</a></li>\n");
            }
            html.append("</ul>\n");
        }
        return html.toString();
    }

    private String turn(Entry current, String root) {
        int place = entries.indexOf(current);
        String before = place == 0 ? "" : link(entries.get(place - 1), root, "prev", "← ", "");
        String after = place == entries.size() - 1 ? "" : link(entries.get(place + 1), root, "next", "", " →");
        return before + after;
    }

    private static String link(Entry entry, String root, String relation, String before, String after) {
        return "<a rel=\"%s\" href=\"%s\">%s%s%s</a>"
                .formatted(relation, root + entry.target(), before, escaped(entry.label()), after);
    }

    private static String headings(Markdown page) {
        List<Heading> all = page.anchors().keySet().stream()
                .filter(heading -> heading.getLevel() > 1 && heading.getLevel() <= MAX_LEVEL)
                .toList();
        if (all.isEmpty()) {
            return "";
        }
        boolean isLong = all.size() > MANY_HEADINGS;
        StringBuilder html = new StringBuilder(
                "<nav class=\"toc\" aria-label=\"On this page\">\n<details open><summary>On this page</summary>\n<ul>\n");
        for (Heading heading : all) {
            if (!isLong || heading.getLevel() == 2) {
                html.append("<li class=\"level").append(heading.getLevel()).append("\"><a href=\"#");
                html.append(page.anchors().getOrDefault(heading, "")).append("\">");
                html.append(escaped(Markdown.text(heading))).append("</a></li>\n");
            }
        }
        return html.append("</ul>\n</details>\n</nav>\n").toString();
    }
}
