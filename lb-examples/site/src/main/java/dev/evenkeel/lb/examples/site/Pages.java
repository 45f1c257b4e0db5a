package dev.evenkeel.lb.examples.site;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.evenkeel.lb.examples.site.Section.Entry;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the pages, what they show, and what the search looks at. */
final class Pages {
    private static final List<String> RESOURCES = List.of("site.css", "site.js", "search.js", "diagrams.js");
    private static final String MERMAID = "/META-INF/maven/org.webjars.npm/mermaid/pom.properties";

    private final Path root;
    private final List<Section> sections;
    private final List<Entry> entries;
    private final RepositoryLinks links;

    /**
     * Makes them.
     *
     * @param root the repository
     * @param sections the navigation
     */
    Pages(Path root, List<Section> sections) throws IOException {
        this.root = root;
        this.sections = List.copyOf(sections);
        entries = sections.stream().flatMap(section -> section.pages().stream()).toList();
        Set<String> sources = entries.stream().map(Entry::source).collect(Collectors.toSet());
        links = new RepositoryLinks(root, sources);
    }

    /** Writes all. Files of an earlier run are overwritten. */
    void writeTo(Path target) throws IOException {
        Layout layout = new Layout(sections, links.url());
        ObjectMapper json = new ObjectMapper();
        ArrayNode index = json.createArrayNode();
        for (Entry entry : entries) {
            Markdown page = Markdown.read(root.resolve(entry.source()));
            for (Markdown.Passage passage : page.passages()) {
                index.addObject()
                        .put("page", page.title())
                        .put("url", entry.target() + "#" + passage.anchor())
                        .put("heading", passage.heading())
                        .put("text", passage.text());
            }
            Content content = Content.of(entry.source(), page, links);
            write(target.resolve(entry.target()), layout.page(entry, page, content));
            for (String image : content.images()) {
                Path copy = Files.createDirectories(
                                target.resolve(image).resolve("..").normalize())
                        .resolve(Path.of(image).getFileName());
                Files.copy(root.resolve(image), copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        // A script, since a page that was opened as a file may not read another file.
        write(
                target.resolve("assets/search-index.js"),
                "window.searchIndex = " + json.writeValueAsString(index) + ";\n");
        for (String resource : RESOURCES) {
            copy(resource, target.resolve("assets").resolve(resource));
        }
        copy(mermaid(), target.resolve("assets/mermaid.min.js"));
    }

    private static String mermaid() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = open(MERMAID)) {
            properties.load(in);
        }
        return "/META-INF/resources/webjars/mermaid/" + properties.getProperty("version") + "/dist/mermaid.min.js";
    }

    private static void copy(String resource, Path file) throws IOException {
        try (InputStream in = open(resource)) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = Pages.class.getResourceAsStream(resource);
        if (in == null) {
            throw new FileNotFoundException("no such resource: " + resource);
        }
        return in;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, text);
    }
}
