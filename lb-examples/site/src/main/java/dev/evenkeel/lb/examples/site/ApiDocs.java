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
import java.util.jar.JarFile;
import java.util.spi.ToolProvider;

/** The Javadoc of the exported packages of the three libraries, in one. */
final class ApiDocs {
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
            return javadoc.run(err, err, arguments(target, style).toArray(String[]::new)) == 0;
        } finally {
            Files.delete(style);
        }
    }

    private List<String> arguments(Path target, Path style) throws IOException {
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

    /**
     * Without the folders of the reactor, whose libraries are read from their sources. Without jars that have no class, too:
     * Okio's has the name of the module that is in okio-jvm.
     */
    private String jars() throws IOException {
        List<String> jars = new ArrayList<>();
        for (String file : classPath.split(File.pathSeparator, -1)) {
            if (file.endsWith(".jar") && !MODULES.containsValue(artifact(file)) && hasClasses(file)) {
                jars.add(file);
            }
        }
        return String.join(File.pathSeparator, jars);
    }

    private static String artifact(String file) {
        return Path.of(file).getFileName().toString().replaceFirst("-\\d.*", "");
    }

    private static boolean hasClasses(String file) throws IOException {
        try (JarFile jar = new JarFile(file)) {
            return jar.stream().anyMatch(entry -> entry.getName().endsWith(".class"));
        }
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
