package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.LoadBalancers;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fields of documents have one vocabulary: bounds are {@code min…} and {@code max…}, a wait until something is given
 * up is a {@code …Timeout}, a period is an {@code …Interval}. A builder method and a record component have the name of
 * the field.
 */
class ConfigurationVocabularyTest {
    private static final String DURATION = "^[0-9]{1,10}(ms|s|m|h|d)$";

    /** Each with the word that says the same. */
    private static final Map<String, String> BANNED_WORDS = Map.ofEntries(
            Map.entry("most", "max"),
            Map.entry("longest", "max"),
            Map.entry("maximum", "max"),
            Map.entry("cap", "max"),
            Map.entry("least", "min"),
            Map.entry("shortest", "min"),
            Map.entry("minimum", "min"),
            Map.entry("hosts", "backends"), // Except in ownHosts.
            Map.entry("patience", "timeout"),
            Map.entry("wait", "timeout"),
            Map.entry("rest", "max retry after"),
            Map.entry("period", "interval"),
            Map.entry("every", "interval"),
            Map.entry("pause", "interval"));

    /** Words that say nothing alone. */
    private static final Map<String, String> BANNED_NAMES = Map.of(
            "first", "initialInterval", "base", "baseDuration", "idle", "idleTimeout", "initial", "initialLimit");

    private static final Set<String> ENDINGS =
            Set.of("timeout", "interval", "duration", "age", "ttl", "delay", "window");

    /** Durations that are called otherwise, and why. */
    private static final Map<String, String> OTHER_DURATIONS = Map.of(
            "maxRetryAfter", "a bound for the header Retry-After",
            "addedJitter", "an amount of jitter, beside jitterPercent",
            "sensitivity", "a difference of latencies, as Azure calls it",
            "deadline", "the end of a drain, which BackendRegistry.drain has by this name");

    /** Fields that the code says by something else than a name, and by what. */
    private static final Map<String, String> DOCUMENT_ONLY = Map.of(
            "hash", "the methods maglev, ring and rendezvous of ConsistentHash",
            "locality", "XdsDiscovery.Builder.nodeLocality",
            "node", "the methods of XdsDiscovery.Builder that begin with node",
            "ownHosts", "HttpHealthCheck.builder with or without the logical host",
            "reloadInterval", "LiveConfig, which reads documents alone");

    static Stream<Path> schemas() {
        return Stream.of(
                Path.of("src/main/resources/dev/evenkeel/lb/okhttp/balancing.schema.json"),
                Path.of("../lb-core/src/main/resources/dev/evenkeel/lb/core/document/pools.schema.json"));
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void noField_hasAWordThatAnotherWordStandsFor(Path schema) throws IOException {
        Map<String, JsonNode> fields = fields(schema);
        assertThat(fields).hasSizeGreaterThan(80).containsKeys("maxInFlight", "strategy");

        Set<String> faults = new TreeSet<>();
        for (String name : fields.keySet()) {
            words(name).stream()
                    .filter(word -> BANNED_WORDS.containsKey(word) && !name.equals("ownHosts"))
                    .forEach(word -> faults.add(name + ": say " + BANNED_WORDS.get(word) + ", not " + word));
            if (BANNED_NAMES.containsKey(name)) {
                faults.add(name + ": say " + BANNED_NAMES.get(name) + ", or the like");
            }
        }
        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everyDuration_endsInAWordThatSaysWhatItIs(Path schema) throws IOException {
        Set<String> durations = new TreeSet<>();
        fields(schema).forEach((name, field) -> {
            if (isDuration(field)) {
                durations.add(name);
            }
        });

        assertThat(durations).hasSizeGreaterThan(20);
        assertThat(durations)
                .as("durations that end in none of %s", ENDINGS)
                .filteredOn(name -> !ENDINGS.contains(last(words(name))))
                .containsExactlyInAnyOrderElementsOf(OTHER_DURATIONS.keySet());
    }

    /** Without what a document alone has. */
    @ParameterizedTest
    @MethodSource("schemas")
    void everyField_isNamedInTheCodeAsInTheDocument(Path schema) throws Exception {
        Set<String> named = new TreeSet<>(publicNames());
        assertThat(named).contains("maxAttempts", "halfOpenTimeout", "priority");

        assertThat(fields(schema).keySet())
                .as("fields that no public method, record component or parameter is called by")
                .filteredOn(name -> !named.contains(name) && !DOCUMENT_ONLY.containsKey(name))
                .isEmpty();
    }

    /** The names of public methods and of their parameters, in the exported packages of the three libraries. */
    private static Set<String> publicNames() throws Exception {
        Set<String> names = new TreeSet<>();
        for (Class<?> one : List.of(Backend.class, LoadBalancers.class, LoadBalancing.class)) {
            for (Class<?> type : exported(one)) {
                for (Method method : type.getDeclaredMethods()) {
                    if (Modifier.isPublic(method.getModifiers())) {
                        names.add(method.getName());
                        Stream.of(method.getParameters())
                                .map(Parameter::getName)
                                .forEach(names::add);
                    }
                }
            }
        }
        return names;
    }

    /** The public classes beside one, in a folder or in a jar, as Maven builds it. */
    private static List<Class<?>> exported(Class<?> one) throws Exception {
        Path source =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(source)) {
            return exported(source);
        }
        try (FileSystem jar = FileSystems.newFileSystem(source)) {
            return exported(jar.getPath("/"));
        }
    }

    private static List<Class<?>> exported(Path root) throws Exception {
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.map(root::relativize).toList()) {
                String name = file.toString().replace('/', '.');
                if (name.endsWith(".class") && !name.contains(".internal.") && !name.contains("module-info")) {
                    Class<?> type = Class.forName(
                            name.substring(0, name.length() - ".class".length()),
                            false,
                            ConfigurationVocabularyTest.class.getClassLoader());
                    if (Modifier.isPublic(type.getModifiers())) {
                        types.add(type);
                    }
                }
            }
        }
        return types;
    }

    private static String last(List<String> words) {
        return words.get(words.size() - 1);
    }

    private static List<String> words(String camelCase) {
        return Stream.of(camelCase.split("(?=[A-Z])"))
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList();
    }

    private static boolean isDuration(JsonNode field) {
        return DURATION.equals(field.path("pattern").asText())
                || Stream.of("anyOf", "oneOf")
                        .flatMap(of -> field.path(of).valueStream())
                        .anyMatch(ConfigurationVocabularyTest::isDuration);
    }

    /** Every field of every object, by its name. Of fields with one name a duration counts. */
    private static Map<String, JsonNode> fields(Path schema) throws IOException {
        Map<String, JsonNode> fields = new TreeMap<>();
        collect(new ObjectMapper().readTree(Files.readString(schema)), fields);
        return fields;
    }

    private static void collect(JsonNode node, Map<String, JsonNode> fields) {
        node.path("properties")
                .properties()
                .forEach(field ->
                        fields.merge(field.getKey(), field.getValue(), (one, other) -> isDuration(one) ? one : other));
        node.forEach(child -> collect(child, fields));
    }
}
