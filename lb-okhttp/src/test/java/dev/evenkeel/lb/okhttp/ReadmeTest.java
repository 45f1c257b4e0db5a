package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.DiagnosticListener;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * The Java of README.md and of the manual compiles as it stands there, with nothing but imports of what the modules
 * export; and the first block, which is what a newcomer copies, runs.
 */
@Timeout(60)
class ReadmeTest {
    private static final Pattern JAVA_BLOCK =
            Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern BACKEND_URL = Pattern.compile("http://10\\.0\\.0\\.\\d+:\\d+");
    private static final Pattern EXPORT = Pattern.compile("^\\s*exports ([\\w.]+);", Pattern.MULTILINE);
    private static final String AFFINITY = "lb-okhttp/docs/affinity.md";
    /** SpringPageTest of the starter, and HttpClientsTest of lb-examples/clients. */
    private static final Set<String> COMPILED_ELSEWHERE = Set.of("spring-boot.md", "clients.md");

    private static final List<String> MODULES = List.of("lb-api", "lb-core", "lb-core/testkit", "lb-okhttp");

    @TempDir
    private Path classes;

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void firstBlock_compilesAndRuns() throws Exception {
        Map<String, TestBackend> servers = new LinkedHashMap<>();
        try {
            String block = replaceAll(
                    BACKEND_URL,
                    blocks().get(0),
                    url -> servers.computeIfAbsent(
                                    url.group(), u -> TestBackend.start(String.valueOf(servers.size()), Wire.H1))
                            .uri());
            assertThat(servers).as("backends of the README").hasSizeGreaterThanOrEqualTo(2);
            servers.values()
                    .forEach(server ->
                            server.answer(server.named().body("the answer").build()));

            String output = run(block);

            assertThat(output.strip()).isEqualTo("the answer");
            assertThat(servers.values().stream().flatMap(server -> server.requests().stream()))
                    .singleElement()
                    .satisfies(
                            request -> assertThat(request.getUrl().toString()).isEqualTo("http://users/api/42"));
        } finally {
            servers.values().forEach(TestBackend::close);
        }
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void strategyOfOnesOwn_compilesAndRuns() throws Exception {
        String block = blocks().stream()
                .filter(text -> text.contains("LoadBalancingStrategy fewestCalls"))
                .findFirst()
                .orElseThrow();
        String picks = """
            Lease first = (Lease) users.acquire(RequestContext.NONE);
            Lease second = (Lease) users.acquire(RequestContext.NONE);
            System.out.println(first.backend().id() + " then " + second.backend().id());
            """;

        assertThat(run(block + picks).strip()).isEqualTo("10.0.0.1:8080 then 10.0.0.2:8080");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void sourceOfOnesOwn_compilesAndRuns() throws Exception {
        String block = block("BackendDiscovery own");
        String look = """
                System.out.println(users.snapshot().backends().get(0).backend().id());
                users.close();
                """;

        assertThat(run(block + look).strip()).isEqualTo("10.0.0.1:8080");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void selector_compilesAndRuns() throws Exception {
        try (ServerSocket one = answering("one\n");
                ServerSocket two = answering("two\n")) {
            String block = block("Selector.open()")
                    .replace("10.0.0.1:7000", "127.0.0.1:" + one.getLocalPort())
                    .replace("10.0.0.2:7000", "127.0.0.1:" + two.getLocalPort());

            assertThat(run(block).lines()).containsExactlyInAnyOrder("one", "one", "two", "two");
        }
    }

    /** Answers each line that begins a connection, and closes it. */
    private static ServerSocket answering(String answer) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    while (socket.getInputStream().read() != '\n') {}
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static String block(String part) throws IOException {
        return blocks().stream().filter(text -> text.contains(part)).findFirst().orElseThrow();
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void blocksOfTheRoutesPage_run() throws Exception {
        List<String> blocks = blocks("lb-okhttp/docs/routes.md");
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(5);
        String pools = """
                users = LoadBalancers.builder("users").backends("http://10.0.0.1:8080").build();
                orders = LoadBalancers.builder("orders").backends("http://10.0.0.1:8080").build();
                """;
        for (String block : blocks) {
            assertThat(run(pools + block + "users.close(); orders.close();")).isEmpty();
        }
    }

    /** All in one go, each in a package of its own: a compiler that starts for each block takes most of its time to start. */
    @TestFactory
    Stream<DynamicTest> everyBlock_compiles() throws IOException {
        List<String> blocks = blocks();
        assertThat(blocks).isNotEmpty();
        List<Source> sources = new ArrayList<>();
        for (String block : blocks) {
            String name = "block" + sources.size();
            sources.add(new Source(name + "/Readme.java", "package " + name + ";\n" + source(block)));
        }
        DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
        boolean compiled = compiles(sources, null, faults);
        List<Diagnostic<? extends JavaFileObject>> errors = faults.getDiagnostics().stream()
                .filter(fault -> fault.getKind() == Diagnostic.Kind.ERROR)
                .toList();
        return Stream.concat(
                Stream.of(DynamicTest.dynamicTest(
                        "all", () -> assertThat(compiled).as("compiled").isTrue())),
                IntStream.range(0, blocks.size())
                        .mapToObj(i -> DynamicTest.dynamicTest(
                                blocks.get(i).lines().findFirst().orElse(""),
                                () -> assertThat(errors)
                                        .filteredOn(fault -> fault.getSource() == sources.get(i))
                                        .isEmpty())));
    }

    @TestFactory
    @ResourceLock(Resources.SYSTEM_OUT)
    Stream<DynamicTest> everyBlockOfAffinity_runs() throws IOException {
        String users = "users = LoadBalancers.builder(\"users\").backends(\"http://10.0.0.1:8080\").build();\n";
        List<String> blocks = blocks(AFFINITY);
        assertThat(blocks).isNotEmpty();
        return blocks.stream()
                .map(block -> DynamicTest.dynamicTest(
                        block.lines().findFirst().orElse(""),
                        () -> assertThat(run(users + block)).isEmpty()));
    }

    @Test
    void blockThatIsWrong_isFound() throws IOException {
        assertThat(faults("LoadBalancers.builder(\"users\").backend(1).build();"))
                .contains("Readme.java")
                .contains("incompatible types");
        assertThat(faults("dev.evenkeel.lb.okhttp.LoadBalancing.builder().noSuchSetting();"))
                .contains("cannot find symbol");
    }

    private String run(String block) throws Exception {
        assertThat(faults(block)).isEmpty();
        PrintStream before = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
            loader.loadClass("Readme").getMethod("run").invoke(null);
        } finally {
            System.setOut(before);
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    /** What the compiler says of a block: nothing, if all is well. */
    private String faults(String block) throws IOException {
        StringWriter faults = new StringWriter();
        boolean compiled = compiles(List.of(new Source("Readme.java", source(block))), faults, null);
        return compiled ? "" : faults.toString();
    }

    private boolean compiles(
            List<Source> sources, @Nullable Writer faults, @Nullable DiagnosticListener<JavaFileObject> listener) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return ToolProvider.getSystemJavaCompiler()
                .getTask(
                        faults,
                        null,
                        listener,
                        List.of("-d", classes.toString(), "-cp", classPath, "-proc:none", "--release", "17"),
                        null,
                        sources)
                .call();
    }

    /** The block in a method, which may hide the variables that a reader has at hand already. */
    private static String source(String block) throws IOException {
        List<String> source = new ArrayList<>();
        for (String exported : exportedPackages()) {
            source.add("import " + exported + ".*;");
        }
        source.add("import okhttp3.*;");
        source.add("import java.nio.file.Path;");
        source.add("import java.time.Duration;");
        source.add("import java.util.*;");
        block.lines().filter(line -> line.startsWith("import ")).forEach(source::add);
        source.add("public class Readme {");
        source.add("    static class Log { void info(String message) {} void warn(String message) {} }");
        source.add("    static final Log log = new Log();");
        source.add("    static OkHttpClient client;");
        source.add("    static LoadBalancer users, orders;");
        source.add("    static Request request;");
        source.add("    static Response response;");
        source.add("    public static void run() throws Exception {");
        block.lines().filter(line -> !line.startsWith("import ")).forEach(source::add);
        source.add("    }");
        source.add("}");
        return String.join("\n", source);
    }

    private static List<String> exportedPackages() throws IOException {
        List<String> packages = new ArrayList<>();
        for (String module : MODULES) {
            String info = Files.readString(root().resolve(module + "/src/main/java/module-info.java"));
            EXPORT.matcher(info).results().map(export -> export.group(1)).forEach(packages::add);
        }
        return packages;
    }

    private static List<String> blocks() throws IOException {
        List<String> blocks = new ArrayList<>();
        for (Path page : pages()) {
            blocks.addAll(blocks(page.toString()));
        }
        return blocks;
    }

    private static List<String> blocks(String page) throws IOException {
        return JAVA_BLOCK
                .matcher(Files.readString(root().resolve(page)))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /** The README, and every page of the manual but those that the tests of another module compile. */
    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(root().resolve("README.md")));
        try (Stream<Path> files = Files.list(root().resolve("lb-okhttp/docs"))) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file ->
                            !COMPILED_ELSEWHERE.contains(file.getFileName().toString()))
                    .sorted()
                    .forEach(pages::add);
        }
        return pages;
    }

    /** Tests may run in the module's directory or in the root. */
    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("lb-okhttp")) ? here : here.getParent();
    }

    private static String replaceAll(Pattern pattern, String text, Function<MatchResult, String> replacement) {
        return pattern.matcher(text).replaceAll(found -> Matcher.quoteReplacement(replacement.apply(found)));
    }

    /** A source file in memory. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String path, String text) {
            super(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
