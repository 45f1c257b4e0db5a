package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What README.md, CONTRIBUTING.md and the manual name is there: tests, modules and programs of commands, and texts of errors, which
 * a test has to assert.
 */
class PageReferencesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*Test)(?:#\\w+)?`");
    private static final Pattern MODULES = Pattern.compile("-pl ([\\w,./-]+)");
    private static final Pattern MAIN_CLASS = Pattern.compile("-Dexec\\.mainClass=([\\w.]+\\w)");
    private static final Pattern SELECTED = Pattern.compile("-Dtest='?([\\w,]+)");
    private static final Pattern MEMBER = Pattern.compile("(?<=`)([A-Z]\\w+)\\.(\\w+)\\b(?!…)");
    private static final Pattern SUPERTYPES = Pattern.compile("(?:extends|implements) ([\\w, .<>]+)");
    private static final Pattern CODE_BLOCK = Pattern.compile("^ *```.*?^ *```", Pattern.MULTILINE | Pattern.DOTALL);
    /** A text in code that has blanks and is no code. */
    private static final Pattern QUOTE = Pattern.compile("`([^`\\n]+)`");

    private static final Pattern IS_CODE = Pattern.compile(
            "[(){}=;<>$\\\\]|^[-/.@#]|^(?:mvn|curl|import|type|lb-|GET|server |balance |retries |option |set )");

    private static Map<String, String> pages() throws IOException {
        Map<String, String> pages = new TreeMap<>();
        try (Stream<Path> manual = Files.list(ROOT.resolve("lb-okhttp/docs"))) {
            for (Path file : Stream.concat(
                            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")), manual)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList()) {
                pages.put(ROOT.relativize(file).toString(), Files.readString(file));
            }
        }
        return pages;
    }

    private static List<Path> sources(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file ->
                            file.toString().contains(folder) && file.toString().matches(".*\\.(java|kt)"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
    }

    private static Set<String> names(List<Path> sources) {
        return sources.stream()
                .map(file -> file.getFileName().toString().replaceAll("\\.\\w+$", ""))
                .collect(Collectors.toSet());
    }

    @Test
    void tests_thatPagesName_exist() throws IOException {
        Set<String> named = new HashSet<>();
        for (String text : pages().values()) {
            TEST.matcher(text).results().forEach(test -> named.add(test.group(1)));
            SELECTED.matcher(text)
                    .results()
                    .forEach(tests -> named.addAll(List.of(tests.group(1).split(","))));
        }

        assertThat(named).hasSizeGreaterThan(20).isSubsetOf(names(sources("/src/test/")));
    }

    @Test
    void modulesAndPrograms_ofCommands_exist() throws IOException {
        Set<String> programs = names(sources("/src/main/"));
        int modules = 0;
        for (Map.Entry<String, String> page : pages().entrySet()) {
            for (String list : MODULES.matcher(page.getValue())
                    .results()
                    .map(match -> match.group(1))
                    .toList()) {
                for (String module : list.split(",")) {
                    modules++;
                    assertThat(ROOT.resolve(module).resolve("pom.xml"))
                            .as(page.getKey())
                            .exists();
                }
            }
            assertThat(MAIN_CLASS
                            .matcher(page.getValue())
                            .results()
                            .map(match -> match.group(1).replaceAll(".*\\.", "")))
                    .as(page.getKey())
                    .allMatch(programs::contains);
        }
        assertThat(modules).isGreaterThan(20);
    }

    /** A member of a type of ours, in any page but the changelog, which also names what is gone. */
    @Test
    void members_thatPagesName_exist() throws IOException {
        Map<String, String> types = new HashMap<>();
        for (Path source : sources("/src/")) {
            types.merge(
                    source.getFileName().toString().replaceAll("\\.\\w+$", ""),
                    Files.readString(source),
                    String::concat);
        }
        // A field of Consul's answers, which has the name of one of our types.
        types.remove("Weights");
        List<Path> pages;
        try (Stream<Path> files = Files.walk(ROOT)) {
            pages = files.filter(file -> file.toString().endsWith(".md") && !file.endsWith("CHANGELOG.md"))
                    .filter(file -> !ROOT.relativize(file).toString().contains("target"))
                    .toList();
        }
        List<String> unknown = new ArrayList<>();
        int named = 0;
        for (Path page : pages) {
            for (MatchResult member :
                    MEMBER.matcher(Files.readString(page)).results().toList()) {
                if (types.containsKey(member.group(1))) {
                    named++;
                    if (!has(types, member.group(1), member.group(2))) {
                        unknown.add(ROOT.relativize(page) + ": " + member.group());
                    }
                }
            }
        }

        assertThat(named).isGreaterThan(100);
        assertThat(unknown).isEmpty();
    }

    /** Whether the source of a type has a word, or that of a type that it extends or implements. */
    private static boolean has(Map<String, String> types, String type, String word) {
        Pattern asWord = Pattern.compile("\\b" + word + "\\b");
        Set<String> seen = new HashSet<>(List.of(type));
        Deque<String> left = new ArrayDeque<>(seen);
        while (!left.isEmpty()) {
            String source = types.getOrDefault(left.remove(), "");
            if (asWord.matcher(source).find()) {
                return true;
            }
            SUPERTYPES
                    .matcher(source)
                    .results()
                    .flatMap(names -> Stream.of(names.group(1).split("\\W+")))
                    .filter(seen::add)
                    .forEach(left::add);
        }
        return false;
    }

    /** The pages that quote what a caller or an operator reads. */
    @Test
    void textsOfErrors_areAssertedByATest() throws IOException {
        StringBuilder asserted = new StringBuilder();
        for (Path test : sources("/src/test/")) {
            asserted.append(spoken(Files.readString(test))).append('\n');
        }
        String all = asserted.toString();
        List<String> unknown = new ArrayList<>();
        int quotes = 0;
        for (String name :
                List.of("troubleshooting", "tls", "retries", "limits", "connections", "affinity", "operations")) {
            String text = CODE_BLOCK
                    .matcher(pages().get("lb-okhttp/docs/" + name + ".md"))
                    .replaceAll("");
            for (String quote :
                    QUOTE.matcher(text).results().map(match -> match.group(1)).toList()) {
                if (quote.split(" ").length < 3 || IS_CODE.matcher(quote).find()) {
                    continue;
                }
                quotes++;
                for (String part : quote.split("…|\\.\\.\\.")) {
                    String spoken = spoken(part).strip();
                    if (spoken.split(" ").length >= 3 && !all.contains(spoken)) {
                        unknown.add(name + ": " + part.strip());
                    }
                }
            }
        }

        assertThat(quotes).isGreaterThan(15);
        assertThat(unknown).isEmpty();
    }

    /** Without what differs from case to case: numbers, names in quotes, and the joints of a text in Java. */
    private static String spoken(String text) {
        return text.replaceAll("\"\\s*\\+\\s*\"", "")
                .replaceAll("\"\\s*\\+ [^\"]{1,60} \\+\\s*\"", "0")
                .replace("\\\"", "'")
                .replace('"', '\'')
                .replaceAll("'(?:[a-z0]+)'", "'0'")
                .replaceAll("backend \\w[\\w.]*:\\d+", "backend 0")
                .replaceAll("\\d[\\d,.:]*", "0")
                .replaceAll("\\s+", " ");
    }
}
