package dev.evenkeel.lb.okhttp.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks once that the OkHttp in use has the methods that we call, and the Okio beneath it the classes. Maven may put the
 * okhttp 4 that another library depends on in front of okhttp-jvm 5, or an older Okio beneath it: the build succeeds, and the
 * first call dies with a {@link NoSuchMethodError} or {@link NoClassDefFoundError}.
 */
public final class OkHttpClassPathCheck {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    private static final String BOM = "dev.evenkeel:lb-bom";
    /** New in Okio 3.13. OkHttp 5 hands a connection over as one. */
    private static final String OKIO_SOCKET = "okio.Socket";

    /** A library of which another dependency may bring an older version along. */
    enum Library {
        OKHTTP("OkHttp", "5.4", "NoSuchMethodError"),
        OKIO("Okio", "3.13", "NoClassDefFoundError");

        private final String title;
        private final String minimum;
        private final String error;

        Library(String title, String minimum, String error) {
            this.title = title;
            this.minimum = minimum;
            this.error = error;
        }
    }

    /** Null if what is in use will do. */
    private static final @Nullable String FAULT = lookOnce();

    private OkHttpClassPathCheck() {}

    /**
     * Checks the class path that this class has been loaded from.
     *
     * @throws IllegalStateException if OkHttp or Okio is too old; the text names its jars and the lines to add
     */
    public static void check() {
        if (FAULT != null) {
            throw new IllegalStateException(FAULT);
        }
    }

    private static @Nullable String lookOnce() {
        if ("runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"))) {
            return null; // There are neither class files nor, without a hint, methods to find.
        }
        try {
            for (ClassPathState found :
                    List.of(look(OkHttpClient.class, Interceptor.Chain.class, Call.class), lookForOkio(Buffer.class))) {
                if (!found.works()) {
                    return found.text();
                }
                if (found.sources().size() > 1) {
                    LOG.log(Level.WARNING, found.text());
                }
            }
            return null;
        } catch (IOException | RuntimeException | LinkageError e) {
            // The class loader does not tell. The calls themselves will.
            LOG.log(Level.TRACE, "OkHttp's version could not be checked", e);
            return null;
        }
    }

    /**
     * Looks for OkHttp where a class loader does.
     *
     * @param client from the loader in question, as the other classes
     */
    static ClassPathState look(Class<?> client, Class<?> chain, Class<?> call) throws IOException {
        boolean works = has(chain, "withDns") && has(chain, "getCookieJar") && has(call, "addEventListener");
        return new ClassPathState(Library.OKHTTP, works, version(client), sources(client));
    }

    /**
     * Looks for Okio where a class loader does.
     *
     * @param buffer from the loader in question
     */
    static ClassPathState lookForOkio(Class<?> buffer) throws IOException {
        List<String> sources = sources(buffer);
        boolean works = isBeside(buffer, OKIO_SOCKET);
        return new ClassPathState(Library.OKIO, works, works ? "a recent Okio" : "an older Okio", sources);
    }

    /** Whether there is such a class, and of the same jar: Okio 2 has another name than Okio 3, and both may be there. */
    private static boolean isBeside(Class<?> type, String name) {
        try {
            Class<?> found = Class.forName(name, false, type.getClassLoader());
            return Objects.equals(codeSource(type), codeSource(found));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static @Nullable URL codeSource(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }

    private static boolean has(Class<?> type, String name) {
        try {
            for (Method method : type.getMethods()) {
                if (method.getName().equals(name)) {
                    return true;
                }
            }
            return false;
        } catch (NoClassDefFoundError e) {
            return false; // Its classes are of several versions.
        }
    }

    private static String version(Class<?> client) {
        try {
            Class<?> constants = Class.forName(client.getPackageName() + ".OkHttp", true, client.getClassLoader());
            return "OkHttp " + constants.getField("VERSION").get(null);
        } catch (ReflectiveOperationException | LinkageError e) {
            return "an OkHttp of unknown version";
        }
    }

    /**
     * Where the client's class is found. Copies that are alike count once: a jar listed twice, or in a parent loader,
     * too.
     */
    private static List<String> sources(Class<?> client) throws IOException {
        String resource = client.getName().replace('.', '/') + ".class";
        ClassLoader loader = client.getClassLoader();
        List<URL> urls = Collections.list(
                loader == null ? ClassLoader.getSystemResources(resource) : loader.getResources(resource));
        if (urls.size() == 1) {
            // As nearly always: it need not be read.
            return List.of(source(urls.get(0).toString(), resource));
        }
        Map<ByteBuffer, String> sources = new LinkedHashMap<>();
        for (URL url : urls) {
            sources.putIfAbsent(content(url), source(url.toString(), resource));
        }
        return List.copyOf(sources.values());
    }

    private static ByteBuffer content(URL url) {
        try {
            URLConnection connection = url.openConnection();
            connection.setUseCaches(false);
            try (InputStream in = connection.getInputStream()) {
                return ByteBuffer.wrap(in.readAllBytes());
            }
        } catch (IOException e) {
            return ByteBuffer.wrap(url.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Evenkeel's, as its jar says. */
    private static String ownVersion() {
        String version = OkHttpClassPathCheck.class.getPackage().getImplementationVersion();
        return version == null ? "(the version of lb-okhttp)" : version;
    }

    /** The jar or folder, as a path if it is a file. */
    private static String source(String url, String resource) {
        String source = url.endsWith(resource) ? url.substring(0, url.length() - resource.length()) : url;
        for (String end : List.of("!/", "/")) {
            source = source.endsWith(end) ? source.substring(0, source.length() - end.length()) : source;
        }
        for (String start : List.of("jar:", "file:")) {
            source = source.startsWith(start) ? source.substring(start.length()) : source;
        }
        return source;
    }

    /**
     * What was found.
     *
     * @param works whether what is in use has the methods and classes that are needed
     * @param version of what is in use
     * @param sources where the library's classes are, one entry for each version; empty if the loader does not tell
     */
    record ClassPathState(Library library, boolean works, String version, Collection<String> sources) {

        String text() {
            String what = works
                    ? library.title
                            + "'s classes are on the class path more than once, and which of them are used depends on"
                            + " its order; " + version + " is in use, which works"
                    : library.title + " must be " + library.minimum + " or later, and " + version
                            + " is in use: every call would fail with a " + library.error;
            String where = sources.isEmpty() ? "" : "; found: " + String.join(", ", sources);
            String ours = ownVersion();
            return what + where + ". Another dependency, such as Retrofit, brings "
                    + (works ? "a second one" : "the older one")
                    + " along. Evenkeel's BOM aligns them. Maven, in <dependencyManagement><dependencies>: <dependency>"
                    + "<groupId>dev.evenkeel</groupId><artifactId>lb-bom</artifactId><version>" + ours
                    + "</version><type>pom</type><scope>import</scope></dependency>. Gradle, in dependencies:"
                    + " implementation(platform(\"" + BOM + ":" + ours + "\"))";
        }
    }
}
