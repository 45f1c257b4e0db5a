package dev.evenkeel.lb.okhttp;

import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shape of the three libraries: packages without cycles, small cycles of classes, small packages, plain words. */
class StructureTest {
    private static final String ROOT = "dev.evenkeel.lb";
    private static final int MAX_FILES_OF_A_PACKAGE = 25;
    private static final int MAX_LINES = 400;
    private static final int MAX_LINES_OF_90_PERCENT = 230;
    private static final int MAX_LINES_OF_HALF = 90;
    private static final int MAX_CLASSES_OF_A_CYCLE = 5;
    private static final int MAX_CLASSES_OF_A_CYCLE_IN_DOCUMENTS = 8;

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
    /** What a class without logic, such as a record or an interface, does not have. */
    private static final Pattern LOGIC = Pattern.compile("\\b(?:if|for|while|switch|catch)\\b|\\?[^>,\\s]|->");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void packages_haveNoCycle() {
        Map<String, Set<String>> packages = graph(type -> type.getPackageName());
        assertThat(cyclesOf(packages))
                .as("packages that depend on each other, with the classes that do")
                .isEmpty();
    }

    @Test
    void classes_haveSmallCycles() {
        Map<String, Set<String>> classes = graph(type -> topLevel(type).getName());
        assertThat(cyclesOf(classes))
                .allSatisfy(cycle -> assertThat(cycle)
                        .as("classes that depend on each other")
                        .hasSizeLessThanOrEqualTo(
                                cycle.stream()
                                                .allMatch(name ->
                                                        name.contains(".document.") || name.contains(".config."))
                                        ? MAX_CLASSES_OF_A_CYCLE_IN_DOCUMENTS
                                        : MAX_CLASSES_OF_A_CYCLE));
    }

    @Test
    void internals_areUsedByTheLibrariesAlone() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "..")
                .or()
                .resideInAPackage(ROOT + ".examples..")
                .should()
                .dependOnClassesThat(nameMatching(Pattern.quote(ROOT) + "\\..*\\.internal\\..*"))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb-api", "lb-core", "lb-okhttp"})
    void packages_areSmall(String module) throws IOException {
        Map<Path, Integer> files = new TreeMap<>();
        forEachSource(module, file -> files.merge(file.getParent(), 1, Integer::sum));
        assertThat(files)
                .isNotEmpty()
                .allSatisfy((directory, count) ->
                        assertThat(count).as("files in %s", directory).isLessThanOrEqualTo(MAX_FILES_OF_A_PACKAGE));
    }

    /** Lines as {@code wc -l} counts them, over the three libraries. */
    @Test
    void files_areShort() throws IOException {
        Map<Path, Long> lines = new TreeMap<>();
        for (String module : List.of("lb-api", "lb-core", "lb-okhttp")) {
            forEachSource(
                    module,
                    file -> lines.put(
                            file, read(file).chars().filter(c -> c == '\n').count()));
        }
        assertThat(lines)
                .allSatisfy((file, count) ->
                        assertThat(count).as("lines of %s", file).isLessThanOrEqualTo(MAX_LINES));
        List<Long> ascending = lines.values().stream().sorted().toList();
        assertThat(ascending.get(ascending.size() / 2)).as("median").isLessThanOrEqualTo(MAX_LINES_OF_HALF);
        assertThat(ascending.get(ascending.size() * 9 / 10))
                .as("90th percentile")
                .isLessThanOrEqualTo(MAX_LINES_OF_90_PERCENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb-api", "lb-core", "lb-okhttp"})
    void words_nameTheirSubject(String module) throws IOException {
        assertThat(linesWith(
                        module,
                        Pattern.compile(
                                "\\b(?:whoever|somebody|nobody|those (?:who|that))\\b", Pattern.CASE_INSENSITIVE)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb-api", "lb-core", "lb-okhttp"})
    void bounds_areMaxAndMin(String module) throws IOException {
        assertThat(linesWith(module, Pattern.compile("\\b(?:MOST|LEAST|LONGEST|SHORTEST)(?:_[A-Z0-9_]+)? *=")))
                .isEmpty();
    }

    /** Names, texts and reflection that depend on OkHttp's version: each in a method with a canary in its test. */
    @Test
    void quirksOfOkHttp_areInOneClass() throws IOException {
        Pattern quirks = Pattern.compile("\"(?:okhttp3|okio|kotlin)\\.[^\"]*internal|\"[^\"]*Okio Watchdog"
                + "|\"(?:interrupted|Canceled|unexpected end of stream[^\"]*|stream was reset[^\"]*|Hostname )\""
                + "|\"[^\"]*(?:REFUSED_STREAM|close_notify)|Exception\\(\"timeout\"");
        assertThat(linesWith("lb-okhttp", quirks)).isNotEmpty().allMatch(line -> line.startsWith("OkHttpQuirks.java:"));
        assertThat(linesWith("lb-okhttp", Pattern.compile("java\\.lang\\.reflect\\.")))
                .allMatch(
                        line -> line.startsWith("OkHttpClassPathCheck.java:") || line.startsWith("OkHttpQuirks.java:"));
    }

    /** Two of three classes, so that the tests of a class are found by its name. */
    @ParameterizedTest
    @CsvSource({"lb-core, 66", "lb-okhttp, 66"})
    void classesWithLogic_haveTestsNamedAfterThem(String module, int minPercent) throws IOException {
        Set<String> tests = new HashSet<>();
        forEachTest(module, file -> tests.add(nameOf(file)));
        List<String> untested = new ArrayList<>();
        AtomicInteger all = new AtomicInteger();
        forEachSource(module, file -> {
            if (!nameOf(file).endsWith("Exception")
                    && LOGIC.matcher(COMMENT.matcher(read(file)).replaceAll("")).find()) {
                all.incrementAndGet();
                Pattern named = Pattern.compile(nameOf(file) + "(?:[A-Z]\\w*)?Test");
                if (tests.stream().noneMatch(test -> named.matcher(test).matches())) {
                    untested.add(nameOf(file));
                }
            }
        });
        assertThat(100 * (all.get() - untested.size()) / all.get())
                .as("percentage of classes with a test named after them; there is none for %s", untested)
                .isGreaterThanOrEqualTo(minPercent);
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static List<String> linesWith(String module, Pattern pattern) throws IOException {
        List<String> found = new ArrayList<>();
        forEachSource(module, file -> {
            List<String> lines = read(file).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (pattern.matcher(lines.get(i)).find()) {
                    found.add(file.getFileName() + ":" + (i + 1) + ": "
                            + lines.get(i).strip());
                }
            }
        });
        return found;
    }

    private static void forEachSource(String module, Consumer<Path> action) throws IOException {
        forEachFile(Path.of("..", module, "src", "main", "java"), action);
    }

    private static void forEachTest(String module, Consumer<Path> action) throws IOException {
        forEachFile(Path.of("..", module, "src", "test", "java"), action);
    }

    private static void forEachFile(Path directory, Consumer<Path> action) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(action);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Graphs.

    private static Map<String, Set<String>> graph(Function<JavaClass, String> node) {
        Map<String, Set<String>> graph = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            if (isOurs(type)) {
                Set<String> targets = graph.computeIfAbsent(node.apply(type), name -> new TreeSet<>());
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (isOurs(target) && !node.apply(target).equals(node.apply(type))) {
                        targets.add(node.apply(target));
                    }
                }
            }
        }
        return graph;
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(ROOT) && !type.getPackageName().startsWith(ROOT + ".examples");
    }

    private static JavaClass topLevel(JavaClass type) {
        JavaClass top = type;
        while (top.getEnclosingClass().isPresent()) {
            top = top.getEnclosingClass().get();
        }
        return top;
    }

    /** The strongly connected components of more than one node, by Tarjan's algorithm. */
    private static List<Set<String>> cyclesOf(Map<String, Set<String>> graph) {
        return new Components(graph).found;
    }

    private static final class Components {
        final List<Set<String>> found = new ArrayList<>();
        private final Map<String, Set<String>> graph;
        private final Map<String, Integer> indexes = new HashMap<>();
        private final Map<String, Integer> lowest = new HashMap<>();
        private final Deque<String> stack = new ArrayDeque<>();
        private final Set<String> onStack = new HashSet<>();

        Components(Map<String, Set<String>> graph) {
            this.graph = graph;
            graph.keySet().forEach(node -> {
                if (!indexes.containsKey(node)) {
                    visit(node);
                }
            });
        }

        private void visit(String node) {
            indexes.put(node, indexes.size());
            lowest.put(node, indexes.get(node));
            stack.push(node);
            onStack.add(node);
            for (String target : graph.getOrDefault(node, Set.of())) {
                if (!indexes.containsKey(target)) {
                    visit(target);
                    lowest.merge(node, lowest.get(target), Math::min);
                } else if (onStack.contains(target)) {
                    lowest.merge(node, indexes.get(target), Math::min);
                }
            }
            if (lowest.get(node).equals(indexes.get(node))) {
                Set<String> component = new TreeSet<>();
                String member;
                do {
                    member = stack.pop();
                    onStack.remove(member);
                    component.add(member);
                } while (!member.equals(node));
                if (component.size() > 1) {
                    found.add(component);
                }
            }
        }
    }
}
