package dev.evenkeel.lb.examples.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Projects without our parent POM, with the lines of README.md and another library before or after them: the README's program makes
 * a balanced call, or says which lines are missing.
 */
@Timeout(300)
class ConsumersTest {
    private static final Path ROOT = Path.of("../..");
    private static final String VERSION = System.getProperty("evenkeel.version");

    /** What another library leads to. A new row of the matrix is a new line here. */
    private static final List<Library> LIBRARIES = List.of(
            // Libraries that bring OkHttp 4.12. A BOM of ours goes before what a library brings.
            new Library("retrofit", "com.squareup.retrofit2:retrofit:3.0.0")
                    .ends(End.REFUSED, End.CALL, End.CALL, End.CALL),
            new Library("feign-okhttp", "io.github.openfeign:feign-okhttp:13.6.1")
                    .ends(End.REFUSED, End.CALL, End.CALL, End.CALL),
            new Library("wire-grpc-client", "com.squareup.wire:wire-grpc-client-jvm:4.9.11")
                    .ends(End.REFUSED, End.CALL, End.CALL, End.CALL),
            // Its OkHttp 4.12 is three steps away, and ours is two.
            new Library("client-java", "io.kubernetes:client-java:24.0.0").ends(End.CALL, End.CALL, End.CALL, End.CALL),
            new Library("logging-interceptor4", "com.squareup.okhttp3:logging-interceptor:4.12.0")
                    .ends(End.REFUSED, End.CALL, End.CALL, End.CALL),
            // A version of the project's own goes before any BOM.
            new Library("okhttp4", "com.squareup.okhttp3:okhttp:4.12.0")
                    .ends(End.REFUSED, End.CALL_WITH_WARNING, End.REFUSED, End.CALL_WITH_WARNING),
            Library.ofSpringBoot(springBoots().findFirst().orElseThrow()).ends(End.CALL, End.CALL, End.CALL, End.CALL),
            Library.ofSpringBoot(springBoots().skip(1).findFirst().orElseThrow())
                    .ends(End.CALL, End.CALL, End.CALL, End.CALL));

    /** How the program ends. */
    enum End {
        CALL,
        CALL_WITH_WARNING,
        REFUSED
    }

    /** A library, and how the program ends in each place that it can have. */
    record Library(String name, String managed, String dependency, Map<String, End> ends) {
        Library(String name, String coordinates) {
            this(name, "", dependency(coordinates.split(":")), Map.of());
        }

        static Library ofSpringBoot(String version) {
            return new Library("spring-boot-" + version, springBootBom(version), springBootStarters(version), Map.of());
        }

        /** Before our dependency and after it, without our BOM and with it. */
        Library ends(End before, End after, End beforeWithBom, End afterWithBom) {
            Map<String, End> places = new LinkedHashMap<>();
            places.put("before", before);
            places.put("after", after);
            places.put("before-bom", beforeWithBom);
            places.put("after-bom", afterWithBom);
            return new Library(name, managed, dependency, places);
        }

        /** The first part of a POM's lines goes before ours, or after them, as the place says. */
        static String inOrder(String place, String theirs, String ours) {
            return place.startsWith("before") ? theirs + ours : ours + theirs;
        }

        private static String dependency(String... parts) {
            return "<dependency><groupId>" + parts[0] + "</groupId><artifactId>" + parts[1] + "</artifactId><version>"
                    + parts[2] + "</version></dependency>";
        }
    }

    /** One project. */
    record Cell(String project, End end) {
        @Override
        public String toString() {
            return project + ": " + end;
        }
    }

    private static final List<HttpServer> SERVERS = new ArrayList<>();
    private static Readme readme;
    private static ConsumerBuild build;

    @TempDir
    private Path classes;

    static Stream<Cell> cells() {
        return LIBRARIES.stream()
                .flatMap(library -> library.ends().entrySet().stream()
                        .map(place -> new Cell(library.name() + "-" + place.getKey(), place.getValue())));
    }

    @BeforeAll
    static void resolve() throws Exception {
        readme = new Readme(Files.readString(ROOT.resolve("README.md")));
        build = new ConsumerBuild(ROOT, Path.of("target/consumers"));
        build.project("alone", "", readme.dependency());
        build.project(
                "logback",
                "",
                readme.dependency()
                        + Library.dependency("ch.qos.logback", "logback-classic", "1.5.38")
                        + Library.dependency("org.slf4j", "slf4j-jdk-platform-logging", "2.0.17"));
        for (Library library : LIBRARIES) {
            for (String place : library.ends().keySet()) {
                String bom = place.endsWith("-bom") ? readme.bom() : "";
                build.project(
                        library.name() + "-" + place,
                        Library.inOrder(place, library.managed(), bom),
                        Library.inOrder(place, library.dependency(), readme.dependency()));
            }
        }
        springBoots().forEach(ConsumersTest::addSpringBoot);
        build.run();
        for (int i = 0; i < 3; i++) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/api/42", exchange -> {
                byte[] answer = "the answer".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(answer);
                }
            });
            server.start();
            SERVERS.add(server);
        }
    }

    /** The versions that the starter's own tests run on. */
    static Stream<String> springBoots() {
        return Stream.of("lb-okhttp/spring-boot/pom.xml", "lb-okhttp/spring-boot/boot4/pom.xml")
                .map(pom -> first(read(ROOT.resolve(pom)), "<spring-boot.version>(.*?)</"));
    }

    private static void addSpringBoot(String version) {
        build.project(
                "spring-boot-" + version,
                springBootBom(version) + readme.bom(),
                springBootStarters(version) + springPage().starter());
    }

    private static String springBootBom(String version) {
        return """
                <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-dependencies</artifactId>
                <version>%s</version><type>pom</type><scope>import</scope></dependency>
                """.formatted(version);
    }

    private static String springBootStarters(String version) {
        List<String> starters = version.startsWith("3.")
                ? List.of("spring-boot-starter-web", "spring-boot-starter-actuator")
                : List.of("spring-boot-starter-web", "spring-boot-starter-actuator", "spring-boot-starter-restclient");
        return starters.stream()
                .map(starter -> "<dependency><groupId>org.springframework.boot</groupId><artifactId>" + starter
                        + "</artifactId></dependency>")
                .collect(Collectors.joining());
    }

    private static Readme springPage() {
        return new Readme(read(ROOT.resolve("lb-okhttp/docs/spring-boot.md")));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void stop() {
        SERVERS.forEach(server -> server.stop(0));
        SERVERS.clear();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void program_ofTheReadme_besideAnotherLibrary(Cell cell) throws Exception {
        Run run = run(cell.project());

        switch (cell.end()) {
            case CALL -> {
                assertThat(run.output()).contains("the answer").doesNotContain("WARNING");
                assertThat(run.exit()).isZero();
            }
            case CALL_WITH_WARNING -> {
                assertThat(run.output())
                        .contains("the answer")
                        .contains("OkHttp's classes are on the class path more than once", "OkHttp 5.5.1 is in use");
                assertLinesAreNamed(run.output());
                assertThat(run.exit()).isZero();
            }
            case REFUSED -> {
                assertThat(run.output())
                        .contains("IllegalStateException: OkHttp must be 5.4 or later, and OkHttp 4.12.0 is in use")
                        .doesNotContain("the answer");
                assertLinesAreNamed(run.output());
                assertThat(run.exit()).isNotZero();
            }
        }
    }

    private static void assertLinesAreNamed(String output) {
        assertThat(output)
                .contains("okhttp-4.12.0.jar", "okhttp-jvm-5.5.1.jar")
                .contains("platform(\"dev.evenkeel:lb-bom:" + VERSION + "\")")
                .contains(readme.bom().replaceAll("\\s+", ""));
    }

    /** One version of Spring on the class path, which is the application's, and a call by its RestClient. */
    @ParameterizedTest
    @MethodSource("springBoots")
    void springBootApplication_withTheStarter_calls(String version) throws Exception {
        String project = "spring-boot-" + version;

        assertThat(ConsumerBuild.jars(build.classPath(project)).filter(jar -> jar.startsWith("spring-boot-")))
                .isNotEmpty()
                .allMatch(jar -> jar.endsWith("-" + version + ".jar"));
        Run run = run(project, springPage().springProgram(backends()));
        assertThat(run.output())
                .contains("the answer")
                .doesNotContain("OkHttp's classes are on the class path more than once");
        assertThat(run.exit()).isZero();
    }

    @Test
    void program_ofTheReadme_alone_runs() throws Exception {
        assertThat(run("alone").output()).contains("the answer").doesNotContain("WARNING");
    }

    /** A check and calls that fail, at the level DEBUG: lines, and no stack trace. */
    @Test
    void logbackWithoutAConfiguration_hasOurLines_withoutStackTraces() throws Exception {
        Run run = run("logback", """
                import dev.evenkeel.lb.LoadBalancer;
                import dev.evenkeel.lb.core.LoadBalancers;
                import dev.evenkeel.lb.core.health.HealthChecks;
                import dev.evenkeel.lb.okhttp.LoadBalancing;
                import java.io.IOException;
                import java.util.concurrent.CountDownLatch;
                import okhttp3.OkHttpClient;
                import okhttp3.Request;
                import okhttp3.Response;

                public class Program {
                    public static void main(String[] args) throws Exception {
                        CountDownLatch down = new CountDownLatch(1);
                        try (LoadBalancer orders = LoadBalancers.builder("orders")
                                .backends("http://127.0.0.1:1")
                                .healthCheck(HealthChecks.tcp())
                                .listener(event -> {
                                    if (event.toString().contains("DOWN")) {
                                        down.countDown();
                                    }
                                })
                                .build()) {
                            down.await();
                        }
                        LoadBalancer users = LoadBalancers.builder("users").backends("http://127.0.0.1:1", "http://127.0.0.1:2").build();
                        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
                        for (int i = 0; i < 20; i++) {
                            try (Response response = client.newCall(new Request.Builder().url("http://users/").build()).execute()) {
                                System.out.println(response.code());
                            } catch (IOException e) {
                                System.out.println("failed");
                            }
                        }
                        users.close();
                    }
                }
                """);

        assertThat(run.output())
                .contains("DEBUG io.github.resilience4j", "failed")
                .containsPattern("WARN +dev\\.evenkeel\\.lb -- pool orders: backend 127\\.0\\.0\\.1:1 is DOWN: ")
                .doesNotContain("StaticLoggerBinder", "SLF4J", "\tat ");
        assertThat(run.exit()).isZero();
    }

    @Test
    void bom_leavesOneOkHttpAndOneOkio() throws Exception {
        assertThat(ConsumerBuild.jars(build.classPath("retrofit-before-bom"))
                        .filter(jar -> jar.startsWith("okhttp") || jar.startsWith("okio")))
                .containsExactlyInAnyOrder(
                        "okhttp-5.5.1.jar", "okhttp-jvm-5.5.1.jar", "okio-3.18.1.jar", "okio-jvm-3.18.1.jar");
    }

    /** It has no parent whose properties it could use. */
    @Test
    void bom_hasTheVersionsOfTheBuild() throws IOException {
        String bom = Files.readString(ROOT.resolve("lb-okhttp/bom/pom.xml"));
        String parent = Files.readString(ROOT.resolve("pom.xml"));

        assertThat(first(bom, "<version>(.*?)</version>")).isEqualTo(VERSION);
        assertThat(first(bom, "<okhttp.version>(.*?)</")).isEqualTo(first(parent, "<okhttp.version>(.*?)</"));
        assertThat(ConsumerBuild.jars(build.classPath("alone")))
                .contains("okio-jvm-" + first(bom, "<okio.version>(.*?)</") + ".jar");
        assertThat(bom).doesNotContain("<parent>");
    }

    @Test
    void readme_namesTheVersionOfTheBuild() {
        assertThat(readme.dependency()).contains("<version>" + VERSION + "</version>");
        assertThat(readme.bom()).contains("<version>" + VERSION + "</version>");
        assertThat(readme.gradle()).contains("\"dev.evenkeel:lb-bom:" + VERSION + "\"", "\"dev.evenkeel:lb-okhttp\"");
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    /** What a program printed, and its exit code. */
    private record Run(String output, int exit) {}

    private static List<String> backends() {
        return SERVERS.stream()
                .map(server -> "http://127.0.0.1:" + server.getAddress().getPort())
                .toList();
    }

    private Run run(String project) throws Exception {
        return run(project, readme.program(backends()));
    }

    private Run run(String project, String program) throws Exception {
        String classPath = build.classPath(project);
        Path source = Files.writeString(classes.resolve("Program.java"), program);
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-cp", classPath, "-d", classes.toString(), source.toString());
        assertThat(compiled).as("exit code of javac").isZero();
        Path output = classes.resolve("output.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classes + File.pathSeparator + classPath,
                        "Program")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroy();
            throw new AssertionError("the program must end:\n" + Files.readString(output));
        }
        return new Run(Files.readString(output), process.exitValue());
    }
}
