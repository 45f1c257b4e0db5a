package dev.evenkeel.lb.examples.site;

import dev.evenkeel.lb.examples.site.Section.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;

/** Which pages the site has, in which order: the manual's as its index has them. */
final class Outline {
    private static final String MANUAL = "lb-okhttp/docs/";

    private Outline() {}

    /**
     * Reads the index of the manual.
     *
     * @param root the repository
     */
    static List<Section> of(Path root) throws IOException {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section(
                "Evenkeel", List.of(new Entry("README.md", "In five minutes"), entry(root, MANUAL + "README.md"))));
        for (Map.Entry<String, Set<String>> chapter : chapters(root).entrySet()) {
            List<Entry> pages = new ArrayList<>();
            for (String source : chapter.getValue()) {
                pages.add(entry(root, source));
            }
            sections.add(new Section(chapter.getKey(), pages));
        }
        sections.add(new Section(
                "The project",
                List.of(
                        new Entry("RATIONALE.md", "Why it is so"),
                        entry(root, "CHANGELOG.md"),
                        entry(root, "CONTRIBUTING.md"),
                        entry(root, "SECURITY.md"),
                        entry(root, "lb-core/MUTATIONS.md"))));
        sections.add(new Section(
                "Results",
                List.of(
                        new Entry("lb-examples/benchmarks/RESULTS.md", "Benchmarks"),
                        new Entry("lb-examples/benchmarks/PROFILE.md", "Profile"),
                        new Entry("lb-examples/simulation/report/RESULTS.md", "Strategies simulated"),
                        new Entry("lb-examples/simulation/report/FLEET.md", "A fleet simulated"),
                        new Entry("lb-examples/soak/RESULTS.md", "A million calls"))));
        return sections;
    }

    private static Entry entry(Path root, String source) throws IOException {
        return new Entry(source, Markdown.read(root.resolve(source)).title());
    }

    /** The headings of the index, and the pages of the manual that each has links to. */
    private static Map<String, Set<String>> chapters(Path root) throws IOException {
        Map<String, Set<String>> chapters = new LinkedHashMap<>();
        Set<String> seen = new TreeSet<>();
        Markdown.read(root.resolve(MANUAL + "README.md")).document().accept(new AbstractVisitor() {
            private Set<String> chapter = Set.of();

            @Override
            public void visit(Heading heading) {
                if (heading.getLevel() == 2) {
                    chapter = chapters.computeIfAbsent(Markdown.text(heading), title -> new LinkedHashSet<>());
                }
            }

            @Override
            public void visit(Link link) {
                String page = link.getDestination();
                if (page.endsWith(".md") && !page.contains("/") && seen.add(page)) {
                    chapter.add(MANUAL + page);
                }
            }
        });
        return chapters;
    }
}
