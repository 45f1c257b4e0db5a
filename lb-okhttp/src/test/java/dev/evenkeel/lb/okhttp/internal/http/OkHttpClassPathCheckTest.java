package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.evenkeel.lb.okhttp.internal.http.OkHttpClassPathCheck.ClassPathState;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which OkHttp a class path holds. Jars of both versions, as Maven puts them beside each other: ConsumersTest. */
class OkHttpClassPathCheckTest {
    @TempDir
    private Path directory;

    @Test
    void classPathOfThisBuild_works() throws IOException {
        ClassPathState found = OkHttpClassPathCheck.look(OkHttpClient.class, Interceptor.Chain.class, Call.class);

        assertThat(found.works()).isTrue();
        assertThat(found.sources()).singleElement().asString().endsWith(".jar");
        assertThatCode(OkHttpClassPathCheck::check).doesNotThrowAnyException();
    }

    @Test
    void olderJar_inFront_doesNotWork_andBothAreNamed() throws Exception {
        Path older = jar("okhttp-4.12.0.jar", "4.12.0", false);
        Path newer = jar("okhttp-jvm-5.5.1.jar", "5.5.1", true);

        ClassPathState found = look(older, newer);

        assertThat(found.works()).isFalse();
        assertThat(found.sources()).containsExactly(older.toString(), newer.toString());
        assertThat(found.text())
                .isEqualTo("OkHttp must be 5.4 or later, and OkHttp 4.12.0 is in use: every call would fail with a"
                        + " NoSuchMethodError; found: " + older + ", " + newer
                        + ". Another dependency, such as Retrofit,"
                        + " brings the older one along. Evenkeel's BOM aligns them. Maven, in"
                        + " <dependencyManagement><dependencies>: <dependency><groupId>dev.evenkeel</groupId>"
                        + "<artifactId>lb-bom</artifactId><version>(the version of lb-okhttp)</version><type>pom</type>"
                        + "<scope>import</scope></dependency>. Gradle, in dependencies:"
                        + " implementation(platform(\"dev.evenkeel:lb-bom:(the version of lb-okhttp)\"))");
    }

    @Test
    void okioOfThisBuild_works() throws IOException {
        ClassPathState found = OkHttpClassPathCheck.lookForOkio(Buffer.class);

        assertThat(found.works()).isTrue();
        assertThat(found.sources()).singleElement().asString().endsWith(".jar");
    }

    /** As Wire 4.9 leads to: OkHttp 5.5.1 over Okio 3.7. */
    @Test
    void olderOkio_doesNotWork_andIsNamed() throws Exception {
        Path older = okio("okio-jvm-3.7.0.jar", false);

        ClassPathState found = lookForOkio(older);

        assertThat(found.works()).isFalse();
        assertThat(found.text())
                .startsWith("Okio must be 3.13 or later, and an older Okio is in use: every call would fail with a"
                        + " NoClassDefFoundError; found: " + older
                        + ". Another dependency, such as Retrofit, brings the"
                        + " older one along. Evenkeel's BOM aligns them. Maven, in");
    }

    /** Okio 2 is an artifact of another name than Okio 3, so that Maven takes both. */
    @Test
    void olderOkio_inFrontOfARecentOne_doesNotWork_andBothAreNamed() throws Exception {
        Path older = okio("okio-2.8.0.jar", false);
        Path newer = okio("okio-jvm-3.18.1.jar", true);

        assertThat(lookForOkio(older, newer).works()).isFalse();
        assertThat(lookForOkio(older, newer).sources()).containsExactly(older.toString(), newer.toString());
        assertThat(lookForOkio(newer, older).works()).isTrue();
        assertThat(lookForOkio(newer, older).text())
                .startsWith(
                        "Okio's classes are on the class path more than once, and which of them are used depends on its"
                                + " order; a recent Okio is in use, which works; found: " + newer + ", " + older);
    }

    private ClassPathState lookForOkio(Path... entries) throws Exception {
        try (URLClassLoader loader = loader(entries)) {
            return OkHttpClassPathCheck.lookForOkio(loader.loadClass("okio.Buffer"));
        }
    }

    private Path okio(String name, boolean recent) throws IOException {
        Path sources = Files.createTempDirectory(directory, "sources");
        List<String> files = new ArrayList<>(
                List.of(write(sources, "okio", "Buffer", "public class Buffer { boolean recent = " + recent + "; }")));
        if (recent) {
            files.add(write(sources, "okio", "Socket", "public interface Socket {}"));
        }
        return jar(name, compiled(files));
    }

    @Test
    void olderJar_behind_works_withAWarning() throws Exception {
        ClassPathState found = look(jar("new.jar", "5.5.1", true), jar("old.jar", "4.12.0", false));

        assertThat(found.works()).isTrue();
        assertThat(found.sources()).hasSize(2);
        assertThat(found.text())
                .startsWith(
                        "OkHttp's classes are on the class path more than once, and which of them are used depends on its"
                                + " order; OkHttp 5.5.1 is in use, which works; found: ");
    }

    @Test
    void olderJar_alone_doesNotWork() throws Exception {
        ClassPathState found = look(jar("okhttp-jvm-5.1.0.jar", "5.1.0", false));

        assertThat(found.works()).isFalse();
        assertThat(found.text()).startsWith("OkHttp must be 5.4 or later, and OkHttp 5.1.0 is in use");
    }

    @Test
    void oneJar_listedTwiceOrCopied_countsOnce() throws Exception {
        Path jar = jar("okhttp-jvm-5.5.1.jar", "5.5.1", true);
        Path link = Files.createSymbolicLink(directory.resolve("link.jar"), jar);
        Path copy = Files.copy(jar, directory.resolve("copy.jar"));
        Path detour = directory.resolve("classes").resolve("..").resolve("okhttp-jvm-5.5.1.jar");

        assertThat(look(jar, link, copy, detour).sources()).containsExactly(jar.toString());
    }

    @Test
    void classesOfAFolder_areNamedByIt() throws Exception {
        Path classes = compile("5.5.1", true);

        assertThat(look(classes).sources()).containsExactly(classes.toString());
    }

    @Test
    void loader_thatShowsNoClassFiles_isSilentAboutThem() throws Exception {
        URL[] urls = {jar("new.jar", "5.5.1", true).toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader()) {
            @Override
            public java.util.Enumeration<URL> findResources(String name) {
                return java.util.Collections.emptyEnumeration();
            }
        }) {
            ClassPathState found = look(loader);

            assertThat(found.works()).isTrue();
            assertThat(found.sources()).isEmpty();
        }
    }

    private ClassPathState look(Path... entries) throws Exception {
        try (URLClassLoader loader = loader(entries)) {
            return look(loader);
        }
    }

    private static URLClassLoader loader(Path... entries) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (Path entry : entries) {
            urls.add(entry.toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static ClassPathState look(ClassLoader loader) throws Exception {
        return OkHttpClassPathCheck.look(
                loader.loadClass("okhttp3.OkHttpClient"),
                loader.loadClass("okhttp3.Interceptor$Chain"),
                loader.loadClass("okhttp3.Call"));
    }

    /** Classes that stand for those of an OkHttp. */
    private Path compile(String version, boolean recent) throws IOException {
        Path sources = Files.createTempDirectory(directory, "sources");
        String more = recent ? "Object withDns(Object dns); Object getCookieJar();" : "";
        return compiled(List.of(
                write(
                        sources,
                        "okhttp3",
                        "OkHttpClient",
                        "public class OkHttpClient { String version = \"" + version + "\"; }"),
                write(
                        sources,
                        "okhttp3",
                        "OkHttp",
                        "public class OkHttp { public static final String VERSION = \"" + version + "\"; }"),
                write(
                        sources,
                        "okhttp3",
                        "Interceptor",
                        "public interface Interceptor { interface Chain { " + more + " } }"),
                write(
                        sources,
                        "okhttp3",
                        "Call",
                        "public interface Call { " + (recent ? "void addEventListener();" : "") + " }")));
    }

    private Path compiled(List<String> files) throws IOException {
        Path classes = Files.createTempDirectory(directory, "classes");
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString()));
        arguments.addAll(files);
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        return classes;
    }

    private static String write(Path sources, String packageName, String name, String text) throws IOException {
        return Files.writeString(sources.resolve(name + ".java"), "package " + packageName + "; " + text)
                .toString();
    }

    private Path jar(String name, String version, boolean recent) throws IOException {
        return jar(name, compile(version, recent));
    }

    private Path jar(String name, Path classes) throws IOException {
        Path jar = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
        return jar;
    }
}
