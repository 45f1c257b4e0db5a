package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between the pages lead to files and headings that exist. */
final class PageLinksTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CODE_BLOCK = Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Path RATIONALE = ROOT.resolve("RATIONALE.md");

    @Test
    void everyLink_leadsSomewhere() throws IOException {
        Map<Path, String> pages = pages();
        List<String> lost = new ArrayList<>();
        pages.forEach((page, text) -> links(text).forEach(link -> {
            String[] parts = link.split("#", 2);
            Path target =
                    parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            boolean isFound = Files.exists(target)
                    && (parts.length == 1
                            || !pages.containsKey(target)
                            || anchors(pages.get(target)).contains(parts[1]));
            if (!isFound) {
                lost.add(ROOT.relativize(page) + ": " + link);
            }
        }));

        assertThat(pages).containsKeys(RATIONALE, ROOT.resolve("README.md"), ROOT.resolve("lb-okhttp/docs/health.md"));
        assertThat(lost).isEmpty();
    }

    @Test
    void rationale_hasAnIndexOfAllItsSections() throws IOException {
        String text = pages().get(RATIONALE);

        List<String> index =
                links(text).filter(link -> link.startsWith("#")).distinct().toList();
        List<String> sections =
                anchors(text).stream().skip(1).map(anchor -> "#" + anchor).toList();
        assertThat(index).startsWith(sections.toArray(String[]::new));
    }

    /** The pages of the repository, without code blocks. */
    private static Map<Path, String> pages() throws IOException {
        Map<Path, String> pages = new HashMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !ROOT.relativize(file).toString().contains("target"))
                    .toList();
            for (Path page : found) {
                pages.put(page, CODE_BLOCK.matcher(Files.readString(page)).replaceAll(""));
            }
        }
        return pages;
    }

    private static Stream<String> links(String text) {
        return LINK.matcher(text).results().map(link -> link.group(1)).filter(link -> !link.startsWith("http"));
    }

    /** What links call the headings of a page, by GitHub's rule; a second one of the same words has a number. */
    private static Set<String> anchors(String text) {
        Map<String, Integer> uses = new HashMap<>();
        return HEADING.matcher(text)
                .results()
                .map(PageLinksTest::slug)
                .map(slug -> {
                    int before = uses.merge(slug, 1, Integer::sum) - 1;
                    return before == 0 ? slug : slug + "-" + before;
                })
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String slug(MatchResult heading) {
        return heading.group(1)
                .strip()
                .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                .replace(' ', '-');
    }
}
