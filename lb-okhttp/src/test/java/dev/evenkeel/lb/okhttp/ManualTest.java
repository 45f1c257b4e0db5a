package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

/**
 * README.md and the manual are easy to read, complete and true: short sentences, a subject in each, an index of all pages, options
 * with the defaults of the code, snippets that parse. Other tests hold the rest: PageLinksTest the links, ReadmeTest the Java,
 * EventLogTest and ReloadLogTest the lines of the log.
 */
class ManualTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path MANUAL = ROOT.resolve("lb-okhttp/docs");
    private static final int MAX_LINES_OF_README = 130;
    private static final double MIN_READING_EASE = 50;
    private static final double MAX_WORDS_PER_SENTENCE = 18;
    private static final int MAX_WORDS = 40;
    private static final Pattern RIDDLES = Pattern.compile(
            "\\b(?:whoever|somebody|nobody|those (?:who|that)|the others)\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern OPTION = Pattern.compile(
            "^\\| \\[`(\\w+)`]\\(configuration\\.md#([\\w-]+)\\) \\| (.*?) \\| .* \\|$", Pattern.MULTILINE);
    private static final Pattern SNIPPET =
            Pattern.compile("^ *```(\\w*)\\n(.*?)^ *```", Pattern.MULTILINE | Pattern.DOTALL);
    /** To look up, or to find the other pages by. */
    private static final Set<String> WITHOUT_THE_SHAPE = Set.of(
            "README.md",
            "architecture.md",
            "clients.md",
            "compatibility.md",
            "configuration.md",
            "faults.md",
            "figures.md",
            "glossary.md",
            "migration.md",
            "stability.md",
            "troubleshooting.md");

    /** By path from the root, README.md and all pages of the manual. */
    private static Map<String, String> pages() throws IOException {
        Map<String, String> pages = new TreeMap<>();
        try (Stream<Path> files = Files.list(MANUAL)) {
            for (Path file : Stream.concat(Stream.of(ROOT.resolve("README.md")), files)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList()) {
                pages.put(ROOT.relativize(file).toString(), Files.readString(file));
            }
        }
        assertThat(pages).hasSizeGreaterThan(30);
        return pages;
    }

    private static Map<String, String> companions() throws IOException {
        Map<String, String> pages = new TreeMap<>();
        for (String page : List.of("CHANGELOG.md", "CONTRIBUTING.md", "RATIONALE.md", "SECURITY.md")) {
            pages.put(page, Files.readString(ROOT.resolve(page)));
        }
        return pages;
    }

    @Test
    void pages_areEasyToRead() throws IOException {
        System.out.printf("%-42s %6s %9s %8s %6s%n", "page", "words", "words per", "longest", "ease");
        List<String> faults = new ArrayList<>();
        pages().forEach((page, text) -> {
            Prose prose = Prose.of(text);
            System.out.printf(
                    Locale.ROOT,
                    "%-42s %6d %9.1f %8d %6.1f%n",
                    page,
                    prose.words(),
                    prose.wordsPerSentence(),
                    prose.longestOfAll(),
                    prose.readingEase());
            if (prose.readingEase() < MIN_READING_EASE) {
                faults.add(page + ": reading ease " + prose.readingEase());
            }
            if (prose.wordsPerSentence() > MAX_WORDS_PER_SENTENCE) {
                faults.add(page + ": words per sentence " + prose.wordsPerSentence());
            }
            prose.sentencesOfMoreThan(MAX_WORDS).forEach(sentence -> faults.add(page + ": " + sentence));
        });

        assertThat(faults).isEmpty();
    }

    /** Longer pages for people who know the project may have longer sentences on the average, but no monsters. */
    @Test
    void companions_haveNoLongSentences() throws IOException {
        for (Map.Entry<String, String> page : companions().entrySet()) {
            assertThat(Prose.of(page.getValue()).sentencesOfMoreThan(MAX_WORDS))
                    .as(page.getKey())
                    .isEmpty();
        }
    }

    @Test
    void sentences_nameTheirSubject() throws IOException {
        List<String> riddles = new ArrayList<>();
        Map<String, String> all = new TreeMap<>(pages());
        all.putAll(companions());
        all.forEach((page, text) -> RIDDLES.matcher(Prose.of(text).text())
                .results()
                .forEach(riddle -> riddles.add(page + ": " + riddle.group())));

        assertThat(riddles).isEmpty();
    }

    @Test
    void readme_isShort() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(MAX_LINES_OF_README);
    }

    @Test
    void index_hasEveryPage() throws IOException {
        String index = Files.readString(MANUAL.resolve("README.md"));

        assertThat(pages().keySet())
                .filteredOn(page -> !page.endsWith("README.md"))
                .allSatisfy(
                        page -> assertThat(index).contains("](" + Path.of(page).getFileName() + ")"));
    }

    /** A page begins with what it is for, has an example before its options, and ends with what goes wrong. */
    @Test
    void pages_haveOneShape() throws IOException {
        pages().forEach((page, text) -> {
            if (!WITHOUT_THE_SHAPE.contains(Path.of(page).getFileName().toString())) {
                assertThat(text).as(page).matches("(?s)# [^\\n]+\\n\\n[A-Z`].*").contains("\n## What goes wrong\n");
                int options = text.indexOf("\n| option |");
                if (options >= 0) {
                    assertThat(text.indexOf("\n```"))
                            .as("the example of %s", page)
                            .isBetween(0, options);
                }
            }
        });
    }

    /** What the README says in figures is on the pages that say how they were measured. */
    @Test
    void figuresOfTheReadme_areMeasuredSomewhere() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        String measured = Files.readString(MANUAL.resolve("figures.md"))
                + Files.readString(ROOT.resolve("lb-examples/benchmarks/RESULTS.md"));
        List<String> figures = Pattern.compile("\\d+[.,]\\d+")
                .matcher(readme.substring(readme.indexOf("## Figures"), readme.indexOf("## Read on")))
                .results()
                .map(MatchResult::group)
                .toList();

        assertThat(figures).hasSizeGreaterThan(8).allMatch(measured::contains);
    }

    /** ConfigurationPageTest compares configuration.md with the code. */
    @Test
    void defaultsOfOptions_areThoseOfTheCode() throws IOException {
        Map<String, Set<String>> defaults = new HashMap<>();
        Matcher section = Pattern.compile("^### (\\S+)$(.*?)(?=^### |\\z)", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(MANUAL.resolve("configuration.md")));
        while (section.find()) {
            String anchor = section.group(1).toLowerCase(Locale.ROOT).replace(".", "");
            Pattern.compile("^\\| `(\\w+)` \\| .*? \\| ([^|]*) \\| .* \\|$", Pattern.MULTILINE)
                    .matcher(section.group(2))
                    .results()
                    .forEach(field -> defaults.computeIfAbsent(anchor + "." + field.group(1), name -> new HashSet<>())
                            .add(comparable(field.group(2))));
        }
        List<String> wrong = new ArrayList<>();
        int options = 0;
        for (Map.Entry<String, String> page : pages().entrySet()) {
            for (MatchResult option : OPTION.matcher(page.getValue()).results().toList()) {
                options++;
                String name = option.group(2) + "." + option.group(1);
                if (!defaults.getOrDefault(name, Set.of()).contains(comparable(option.group(3)))) {
                    wrong.add(
                            page.getKey() + ": " + name + " is not " + option.group(3) + " but " + defaults.get(name));
                }
            }
        }
        assertThat(options).isGreaterThan(100);
        assertThat(wrong).isEmpty();
    }

    private static String comparable(String cell) {
        return cell.replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1").replaceAll("[`\"]", "");
    }

    /** A table with the column "default" is one of options that are compared, or of one of the tables here. */
    @Test
    void tablesOfOptions_areCompared() throws IOException {
        for (Map.Entry<String, String> page : pages().entrySet()) {
            List<String> lines = page.getValue().lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("| option |")) {
                    assertThat(lines.subList(i + 2, lines.size()).stream().takeWhile(line -> line.startsWith("|")))
                            .as(page.getKey())
                            .isNotEmpty()
                            .allMatch(line -> OPTION.matcher(line).matches());
                }
            }
        }
    }

    @Test
    void snippets_parse() throws Exception {
        int parsed = 0;
        for (Map.Entry<String, String> page : pages().entrySet()) {
            for (MatchResult snippet :
                    SNIPPET.matcher(page.getValue()).results().toList()) {
                String text = snippet.group(2);
                switch (snippet.group(1)) {
                    case "json" -> {
                        if (text.contains("\"pools\"")) {
                            LiveConfig.start(text).close();
                        } else {
                            new ObjectMapper().readTree(text);
                        }
                        parsed++;
                    }
                    case "yaml" -> {
                        assertThat(new YAMLMapper().readTree(text))
                                .as(page.getKey())
                                .isNotEmpty();
                        parsed++;
                    }
                    case "xml" -> {
                        DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(new InputSource(new StringReader("<all>" + text + "</all>")));
                        parsed++;
                    }
                    case "java", "kotlin", "sh", "text", "mermaid", "" -> {}
                    default -> throw new AssertionError(page.getKey() + ": no test reads " + snippet.group(1));
                }
            }
        }
        assertThat(parsed).isGreaterThan(8);
    }

    @Test
    void pageOfLogs_namesEveryEvent() throws IOException {
        String page = Files.readString(MANUAL.resolve("logs.md"));
        Set<String> named = Pattern.compile("`([A-Z]\\w+)`")
                .matcher(page.substring(page.indexOf("| event | says |"), page.indexOf("`toString()` is for people")))
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toSet());

        assertThat(Stream.of(LoadBalancerEvent.class.getPermittedSubclasses()).map(Class::getSimpleName))
                .containsExactlyInAnyOrderElementsOf(named);
        assertThat(Stream.of(LoadBalancerEvent.HealthChanged.class.getRecordComponents())
                        .map(component -> "`" + component.getName() + "()`"))
                .allMatch(page.substring(page.indexOf("`LoadBalancerEvent.HealthChanged` with"))::contains);
    }

    @Test
    void syllables_areCounted() {
        assertThat(Stream.of("call", "backend", "balancer", "retried", "dropped", "ended", "table", "services", "CODE")
                        .map(Prose::syllables))
                .containsExactly(1, 2, 3, 2, 1, 2, 2, 3, 2);
    }

    @Test
    void sentences_areCounted_withoutCodeAndTables() {
        Prose prose = Prose.of("""
                # A heading that is not counted

                One two three. Four [five](x.md) `six seven`.

                - Eight nine.

                ```java
                not counted
                ```
                | ten eleven | twelve |
                |---|---|
                | a b c d e f g | h |
                """);

        assertThat(prose.words()).isEqualTo(8);
        assertThat(prose.wordsPerSentence()).isEqualTo(8 / 3.0);
        assertThat(prose.longestOfAll()).isEqualTo(7);
    }
}
