package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the jars tell GraalVM's native-image, held against the code: fields that are reached by name, and resources. */
class NativeImageTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern HANDLES = Pattern.compile("VarHandle|FieldUpdater");
    private static final Pattern REFLECTION = Pattern.compile(
            "Class\\.forName|getDeclaredField|getDeclaredMethod|getMethods?\\(|getFields?\\(|getResource|newProxyInstance|ServiceLoader\\.load");

    @ParameterizedTest
    @ValueSource(strings = {"lb-core", "lb-okhttp"})
    void reflectConfig_hasTheFieldsThatHandlesAndUpdatersNeed(String module) throws IOException {
        Map<String, TreeSet<String>> declared = fields(module);
        Map<String, TreeSet<String>> needed = new TreeMap<>();
        for (Class<?> type : classesWithHandles(module)) {
            TreeSet<String> names = handles(type);
            TreeSet<String> told = declared.getOrDefault(type.getName(), new TreeSet<>());
            long updaters = statics(type, AtomicReferenceFieldUpdater.class).count();
            // An updater does not tell its field: as many volatile fields as there are updaters.
            told.stream()
                    .filter(name -> !names.contains(name) && isVolatile(type, name))
                    .limit(updaters)
                    .toList()
                    .forEach(names::add);
            assertThat(told).as(type.getName()).hasSize(names.size());
            if (!names.isEmpty()) {
                needed.put(type.getName(), names);
            }
        }

        assertThat(needed).isNotEmpty();
        declared.keySet().removeIf(name -> !name.startsWith("dev.evenkeel."));
        assertThat(declared).isEqualTo(needed);
    }

    @Test
    void reflectConfig_namesFieldsThatOtherLibrariesHave() throws Exception {
        for (String module : List.of("lb-core", "lb-okhttp")) {
            for (Map.Entry<String, TreeSet<String>> type : fields(module).entrySet()) {
                if (!type.getKey().startsWith("org.xbill.")) { // optional
                    Class<?> loaded = Class.forName(type.getKey());
                    assertThat(type.getValue())
                            .allSatisfy(name ->
                                    assertThat(loaded.getDeclaredField(name)).isNotNull());
                }
            }
        }

        assertThat(fields("lb-okhttp")).containsKey("okhttp3.ConnectionPool");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb-core", "lb-okhttp"})
    void resourceConfig_namesEachResource(String module) throws IOException {
        Path resources = ROOT.resolve(module).resolve("src/main/resources");
        try (Stream<Path> files = Files.walk(resources)) {
            List<String> needed = files.filter(Files::isRegularFile)
                    .map(file -> resources.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.startsWith("META-INF/native-image/"))
                    .map(name -> "\\Q" + name + "\\E")
                    .toList();
            assertThat(elements(config(module, "resource-config.json").at("/resources/includes"))
                            .map(include -> include.path("pattern").asText()))
                    .containsExactlyInAnyOrderElementsOf(needed);
        }
    }

    /** A further class that looks up something by its name needs a line in the metadata, or a reason here. */
    @Test
    void reflection_isUsedInTheClassesThatTheMetadataKnows() throws IOException {
        TreeSet<String> users = new TreeSet<>();
        for (String module : List.of("lb-api", "lb-core", "lb-okhttp")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> REFLECTION.matcher(text(file)).find())
                        .forEach(file -> users.add(file.getFileName().toString()));
            }
        }

        assertThat(users)
                .containsExactly(
                        "DnsDiscovery.java", // whether dnsjava is there
                        "OkHttpClassPathCheck.java", // not in an image, where the class path is closed
                        "OkHttpQuirks.java", // the limits of a ConnectionPool
                        "StatsHtml.java", // resources
                        "StrategyNames.java"); // a ServiceLoader, which native-image sees by itself
    }

    private static List<Class<?>> classesWithHandles(String module) throws IOException {
        Path sources = ROOT.resolve(module).resolve("src/main/java");
        List<Class<?>> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> HANDLES.matcher(text(file)).find())
                    .map(file -> sources.relativize(file).toString().replaceAll("[/\\\\]", "."))
                    .forEach(name -> addWithNested(load(name.substring(0, name.length() - ".java".length())), found));
        }
        found.removeIf(
                type -> Stream.concat(statics(type, VarHandle.class), statics(type, AtomicReferenceFieldUpdater.class))
                        .findAny()
                        .isEmpty());
        return found;
    }

    private static void addWithNested(Class<?> type, List<Class<?>> found) {
        found.add(type);
        for (Class<?> nested : type.getDeclaredClasses()) {
            addWithNested(nested, found);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** The fields behind the handles of a class; elements of arrays need no metadata. */
    private static TreeSet<String> handles(Class<?> type) {
        TreeSet<String> names = new TreeSet<>();
        statics(type, VarHandle.class)
                .map(VarHandle.class::cast)
                .filter(handle -> !handle.coordinateTypes().get(0).isArray())
                .forEach(handle ->
                        names.add(handle.describeConstable().orElseThrow().constantName()));
        return names;
    }

    private static Stream<Object> statics(Class<?> owner, Class<?> type) {
        return Stream.of(owner.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == type)
                .map(NativeImageTest::value);
    }

    private static Object value(Field field) {
        try {
            field.setAccessible(true);
            return field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isVolatile(Class<?> owner, String name) {
        return Stream.of(owner.getDeclaredFields())
                .anyMatch(field -> field.getName().equals(name) && Modifier.isVolatile(field.getModifiers()));
    }

    private static Map<String, TreeSet<String>> fields(String module) throws IOException {
        Map<String, TreeSet<String>> fields = new TreeMap<>();
        elements(config(module, "reflect-config.json")).forEach(type -> {
            TreeSet<String> names = new TreeSet<>();
            elements(type.path("fields"))
                    .forEach(field -> names.add(field.path("name").asText()));
            fields.put(type.path("name").asText(), names);
        });
        return fields;
    }

    private static JsonNode config(String module, String file) throws IOException {
        Path folder = ROOT.resolve(module).resolve("src/main/resources/META-INF/native-image/dev.evenkeel");
        return JsonMapper.builder()
                .build()
                .readTree(Files.readString(folder.resolve(module).resolve(file)));
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
