package dev.evenkeel.lb.examples.site;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Javadoc of the exported packages of the three libraries, in one. */
final class ApiDocs {
    /** What the libraries are compiled with: beside okio-jvm there is an okio without classes, of the same module's name. */
    private static final Set<String> LIBRARIES = Set.of(
            "caffeine",
            "dnsjava",
            "jackson-annotations",
            "jackson-core",
            "jackson-databind",
            "jspecify",
            "kotlin-stdlib",
            "micrometer-commons",
            "micrometer-core",
            "micrometer-observation",
            "okhttp-jvm",
            "okio-jvm",
            "resilience4j-circuitbreaker",
            "resilience4j-core");

    /** Modules by their folders. */
    private static final Map<String, String> MODULES = new LinkedHashMap<>();

    static {
        MODULES.put("dev.evenkeel.lb", "lb-api");
        MODULES.put("dev.evenkeel.lb.core", "lb-core");
        MODULES.put("dev.evenkeel.lb.okhttp", "lb-okhttp");
    }

    private final Path root;
    private final String classPath;

    /**
     * Makes them.
     *
     * @param root the repository
     * @param classPath has the jars that the libraries are compiled with
     */
    ApiDocs(Path root, String classPath) {
        this.root = root;
        this.classPath = classPath;
    }

    /**
     * Runs the JDK's javadoc.
     *
     * @param target a folder
     * @param err for what javadoc says
     * @return whether there was no fault
     */
    boolean writeTo(Path target, PrintStream err) throws IOException {
        Files.createDirectories(target);
        Path style = Files.createTempFile("evenkeel", "-api.css");
        try {
            copyStyle(style);
            ToolProvider javadoc = ToolProvider.findFirst("javadoc")
                    .orElseThrow(() -> new FileNotFoundException("javadoc: a JDK is needed, this is a JRE"));
            if (javadoc.run(err, err, arguments(target, style).toArray(String[]::new)) != 0) {
                return false;
            }
            mendConstants(target.resolve("constant-values.html"));
            return true;
        } finally {
            Files.delete(style);
        }
    }

    /** JDK 17 links its list of constants to a heading without an id. */
    private static void mendConstants(Path page) throws IOException {
        String html = Files.readString(page);
        if (!html.contains(" id=\"dev.evenkeel\"")) {
            Files.writeString(
                    page,
                    html.replace("<h2 title=\"dev.evenkeel\">", "<h2 id=\"dev.evenkeel\" title=\"dev.evenkeel\">"));
        }
    }

    private List<String> arguments(Path target, Path style) {
        List<String> arguments = new ArrayList<>(List.of("-quiet", "-notimestamp", "-Xdoclint:all,-missing"));
        arguments.addAll(List.of("--show-packages", "exported", "-encoding", "UTF-8", "-charset", "UTF-8"));
        arguments.addAll(List.of("-windowtitle", "Evenkeel", "-doctitle", "Evenkeel: Javadoc"));
        arguments.addAll(List.of("-header", "<a href=\"{@docRoot}/../index.html\">Evenkeel</a>"));
        arguments.addAll(List.of("--add-stylesheet", style.toString()));
        arguments.addAll(List.of("--module-path", jars(), "-d", target.toString()));
        arguments.addAll(List.of("--module", String.join(",", MODULES.keySet())));
        MODULES.forEach((module, folder) -> {
            arguments.add("--module-source-path");
            arguments.add(module + "=" + root.resolve(folder).resolve("src/main/java"));
        });
        return arguments;
    }

    private String jars() {
        return Stream.of(classPath.split(File.pathSeparator, -1))
                .filter(file -> file.endsWith(".jar") && LIBRARIES.contains(artifact(file)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String artifact(String file) {
        return String.valueOf(Path.of(file).getFileName()).replaceFirst("-\\d.*", "");
    }

    private static void copyStyle(Path style) throws IOException {
        try (InputStream in = ApiDocs.class.getResourceAsStream("api.css")) {
            if (in == null) {
                throw new FileNotFoundException("no such resource: api.css");
            }
            Files.copy(in, style, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
