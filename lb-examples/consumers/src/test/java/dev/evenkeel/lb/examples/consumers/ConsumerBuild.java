package dev.evenkeel.lb.examples.consumers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Maven build of projects that know nothing of ours but the artifacts: one process, whose local repository holds our jars and POMs
 * as {@code mvn install} would put them there, and nothing else.
 */
final class ConsumerBuild {
    private static final String VERSION = property("evenkeel.version");
    private static final String CLASS_PATH_FILE = "class-path.txt";
    private static final String GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath";
    /** Each by its folder in this repository. */
    private static final Map<String, Path> ARTIFACTS = Map.of(
            "lb-parent", Path.of(""),
            "lb-api", Path.of("lb-api"),
            "lb-core", Path.of("lb-core"),
            "lb-okhttp", Path.of("lb-okhttp"),
            "lb-bom", Path.of("lb-okhttp/bom"),
            "lb-spring-boot-starter", Path.of("lb-okhttp/spring-boot"));

    private final Path root;
    private final Path directory;
    private final Map<String, String> projects = new TreeMap<>();

    /**
     * A build without projects.
     *
     * @param root the repository's top folder
     * @param directory may exist; what Maven has downloaded to it is used again
     */
    ConsumerBuild(Path root, Path directory) {
        this.root = root.toAbsolutePath().normalize();
        this.directory = directory.toAbsolutePath().normalize();
    }

    /** Adds a project. */
    void project(String name, String managed, String dependencies) {
        projects.put(name, pom(name, "jar", """
                        <dependencyManagement><dependencies>
                        %s
                        </dependencies></dependencyManagement>
                        <dependencies>
                        %s
                        </dependencies>
                        """.formatted(managed, dependencies)));
    }

    /** Resolves the projects. */
    void run() throws IOException, InterruptedException {
        Path repository = directory.resolve("repository");
        ARTIFACTS.forEach((artifact, folder) -> install(repository, artifact, root.resolve(folder)));
        // Maven looks for it upwards, and would find our own.
        Files.createDirectories(directory.resolve(".mvn"));
        StringBuilder modules = new StringBuilder("<modules>");
        for (Map.Entry<String, String> project : projects.entrySet()) {
            Path folder = Files.createDirectories(directory.resolve(project.getKey()));
            Files.deleteIfExists(folder.resolve(CLASS_PATH_FILE));
            Files.writeString(folder.resolve("pom.xml"), project.getValue());
            modules.append("<module>").append(project.getKey()).append("</module>");
        }
        Files.writeString(directory.resolve("pom.xml"), pom("all", "pom", modules + "</modules>"));
        Path settings = Files.writeString(directory.resolve("settings.xml"), settings());
        Path log = directory.resolve("maven.log");
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        Path maven = Path.of(property("evenkeel.mavenHome"), "bin", windows ? "mvn.cmd" : "mvn");
        Process process = new ProcessBuilder(
                        maven.toString(),
                        "-B",
                        "-ntp",
                        "--global-settings",
                        settings.toString(),
                        "-Dmaven.repo.local=" + repository,
                        "-f",
                        directory.resolve("pom.xml").toString(),
                        GOAL,
                        "-Dmdep.outputFile=" + CLASS_PATH_FILE,
                        "-DincludeScope=runtime")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroy();
            throw new AssertionError("Maven failed:\n" + Files.readString(log));
        }
    }

    /** The class path of a project at run time, in Maven's order. */
    String classPath(String project) throws IOException {
        return Files.readString(directory.resolve(project).resolve(CLASS_PATH_FILE));
    }

    private static void install(Path repository, String artifact, Path folder) {
        Path to = repository.resolve("dev/evenkeel").resolve(artifact).resolve(VERSION);
        String name = artifact + "-" + VERSION;
        try {
            Files.createDirectories(to);
            copy(folder.resolve("pom.xml"), to.resolve(name + ".pom"));
            if (Files.exists(folder.resolve("src/main/java"))) {
                Path jar = folder.resolve("target").resolve(name + ".jar");
                if (Files.notExists(jar)) {
                    throw new AssertionError(
                            jar + " must have been made: run mvn verify -pl lb-examples/consumers -am");
                }
                copy(jar, to.resolve(name + ".jar"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pom(String name, String packaging, String content) {
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                <modelVersion>4.0.0</modelVersion>
                <groupId>com.example</groupId>
                <artifactId>%s</artifactId>
                <version>1</version>
                <packaging>%s</packaging>
                %s
                </project>
                """.formatted(name, packaging, content);
    }

    /** What this build has downloaded already is not downloaded again; Central has the rest. */
    private static String settings() {
        List<String> repositories = new ArrayList<>();
        for (String kind : List.of("repositor", "pluginRepositor")) {
            repositories.add("""
                    <%1$sies><%1$sy>
                    <id>of-this-build</id>
                    <url>%2$s</url>
                    <releases><enabled>true</enabled><checksumPolicy>ignore</checksumPolicy></releases>
                    <snapshots><enabled>false</enabled></snapshots>
                    </%1$sy></%1$sies>
                    """.formatted(
                            kind, Path.of(property("evenkeel.localRepository")).toUri()));
        }
        return """
                <settings>
                <profiles><profile><id>local</id>
                %s
                </profile></profiles>
                <activeProfiles><activeProfile>local</activeProfile></activeProfiles>
                </settings>
                """.formatted(String.join("", repositories));
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null || value.isEmpty()) {
            throw new AssertionError(name + " must be set: Maven does, as the module's pom.xml says");
        }
        return value;
    }

    /** The jars of a class path, by their file names. */
    static Stream<String> jars(String classPath) {
        return Stream.of(classPath.split(java.io.File.pathSeparator))
                .map(entry -> Path.of(entry).getFileName().toString());
    }
}
