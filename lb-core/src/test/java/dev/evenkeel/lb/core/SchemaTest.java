package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.document.PoolDocument;
import dev.evenkeel.lb.core.internal.document.PoolForm;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The schema in the jar says of every field what the reader does, for both come from one description. */
class SchemaTest {
    private static final Path FILE = Path.of("src/main/resources/dev/evenkeel/lb/core/document/pools.schema.json");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Where a value of the range is refused because of another field, or because it is no prime. */
    private static final Set<String> BOUND_BY_OTHERS = Set.of(
            "minCalls",
            "tableSize",
            "minRingSize",
            "maxRingSize",
            "windowSize",
            "minBackends",
            "services",
            "minLimit",
            "initialLimit",
            "maxLimit",
            "required");

    private final Map<String, Object> schema = schema();
    private final Set<String> open = new HashSet<>();

    @Test
    void schema_isTheOneOfTheForms() throws IOException {
        String expected = ConfigDocument.schema("Pools of Evenkeel", PoolForm.document());
        if (Boolean.getBoolean("evenkeel.update")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, expected);
        }

        assertThat(Files.readString(FILE))
                .as("to write it again: mvn test -Dtest=SchemaTest -Devenkeel.update=true")
                .isEqualTo(expected);
        assertThat(PoolDocument.class.getResource("pools.schema.json")).isNotNull();
    }

    @Test
    void everyField_takesTheEndsOfItsRange_andNothingBeyond() {
        List<Object> valid = new ArrayList<>();
        List<Object> invalid = new ArrayList<>();
        collect(schema, valid, invalid);

        assertThat(valid).hasSizeGreaterThan(60);
        assertThat(invalid).hasSizeGreaterThan(100);
        valid.forEach(document ->
                assertThatCode(() -> read(document)).as(json(document)).doesNotThrowAnyException());
        invalid.forEach(document -> assertThat(catchThrowable(() -> read(document)))
                .as(json(document))
                .isInstanceOf(ConfigException.class));
    }

    @Test
    void everyDefault_isWhatHoldsWithoutTheField() {
        List<Object[]> pairs = new ArrayList<>();
        defaults(schema, pairs);

        assertThat(pairs).hasSizeGreaterThan(40);
        pairs.forEach(pair -> assertThat(settings(pair[1]))
                .as(json(pair[1]))
                .usingRecursiveComparison()
                .ignoringFields("events", "scheduler", "random", "healthCheck.check", "queue")
                .isEqualTo(settings(pair[0])));
    }

    // Documents that a schema allows, or not; each differs from the smallest one in a single place.

    private void collect(Map<String, Object> of, List<Object> valid, List<Object> invalid) {
        if (of.containsKey("$ref")) {
            if (open.add((String) of.get("$ref"))) { // Else it is an object within one of its kind.
                collect(definition(of), valid, invalid);
                open.remove((String) of.get("$ref"));
            }
        } else if (of.containsKey("anyOf") || of.containsKey("oneOf")) {
            List<Map<String, Object>> all = list(of.containsKey("anyOf") ? of.get("anyOf") : of.get("oneOf"));
            all.stream().filter(one -> !isPlaceholder(one)).forEach(one -> collect(one, valid, invalid));
        } else if (of.containsKey("const") || of.containsKey("enum")) {
            valid.addAll(of.containsKey("const") ? List.of(of.get("const")) : list(of.get("enum")));
            invalid.add("no such word");
        } else {
            collectByType(of, valid, invalid);
        }
    }

    private void collectByType(Map<String, Object> of, List<Object> valid, List<Object> invalid) {
        switch ((String) of.get("type")) {
            case "integer" -> {
                long least = ((Number) of.get("minimum")).longValue();
                long most = ((Number) of.get("maximum")).longValue();
                valid.addAll(List.of(least, most));
                invalid.addAll(List.of(least - 1, most + 1, 1.5, String.valueOf(least)));
            }
            case "number" -> {
                double most = ((Number) of.get("maximum")).doubleValue();
                valid.add(most);
                invalid.addAll(List.of(most + 0.5, "1"));
                if (of.get("minimum") instanceof Number least) {
                    valid.add(least);
                    invalid.add(least.doubleValue() - 0.001);
                } else {
                    double above = ((Number) of.get("exclusiveMinimum")).doubleValue();
                    valid.add(above + 0.001);
                    invalid.add(above);
                }
            }
            case "boolean" -> {
                valid.addAll(List.of(true, false));
                invalid.addAll(List.of("true", 1));
            }
            case "string" -> invalid.add(List.of());
            case "array" -> {
                List<Object> elements = new ArrayList<>();
                List<Object> wrong = new ArrayList<>();
                collect(map(of.get("items")), elements, wrong);
                elements.forEach(element -> valid.add(List.of(element)));
                wrong.forEach(element -> invalid.add(List.of(element)));
                invalid.add("no array");
            }
            default -> collectFields(of, valid, invalid);
        }
    }

    private void collectFields(Map<String, Object> of, List<Object> allValid, List<Object> invalid) {
        List<Object> valid = new ArrayList<>();
        Map<String, Object> smallest = smallestObject(of);
        valid.add(smallest);
        if (!of.containsKey("properties")) {
            allValid.addAll(valid);
            return;
        }
        Map<String, Object> unknown = new LinkedHashMap<>(smallest);
        unknown.put("noSuchField", 1);
        invalid.add(unknown);
        properties(of).forEach((name, property) -> {
            List<Object> right = new ArrayList<>();
            List<Object> wrong = new ArrayList<>();
            collect(map(property), right, wrong);
            right.stream()
                    .filter(value -> !BOUND_BY_OTHERS.contains(name))
                    .forEach(value -> valid.add(with(smallest, name, value)));
            wrong.forEach(value -> invalid.add(with(smallest, name, value)));
            if (list(of.getOrDefault("required", List.of())).contains(name)) {
                Map<String, Object> without = new LinkedHashMap<>(smallest);
                without.remove(name);
                invalid.add(without);
            }
        });
        if (properties(of).containsKey("localZone")) {
            valid.removeIf(value -> "preferLocal".equals(((Map<?, ?>) value).get("mode")));
        }
        if (properties(of).containsKey("fallback")) {
            valid.removeIf(value -> "defaultSubset".equals(((Map<?, ?>) value).get("fallback")));
        }
        if (properties(of).containsKey("hash")) {
            valid.add(Map.of("type", "consistentHash", "hash", "ring", "minRingSize", 1, "maxRingSize", 8_388_608));
            valid.add(Map.of("type", "consistentHash", "tableSize", 5_000_011));
        }
        if (properties(of).containsKey("size") && properties(of).containsKey("required")) {
            valid.add(Map.of("required", 64, "size", 64));
        }
        allValid.addAll(valid);
    }

    private void defaults(Map<String, Object> of, List<Object[]> pairs) {
        if (of.containsKey("$ref")) {
            if (open.add((String) of.get("$ref"))) {
                defaults(definition(of), pairs);
                open.remove((String) of.get("$ref"));
            }
        } else if (of.containsKey("anyOf") || of.containsKey("oneOf")) {
            for (Map<String, Object> one :
                    this.<Map<String, Object>>list(of.containsKey("anyOf") ? of.get("anyOf") : of.get("oneOf"))) {
                if (!isPlaceholder(one)) {
                    defaults(one, pairs);
                }
            }
        } else if (of.containsKey("items")) {
            List<Object[]> inner = new ArrayList<>();
            defaults(map(of.get("items")), inner);
            inner.forEach(pair -> pairs.add(new Object[] {List.of(pair[0]), List.of(pair[1])}));
        } else if (of.containsKey("properties")) {
            Map<String, Object> smallest = smallestObject(of);
            properties(of).forEach((name, property) -> {
                Object value = map(property).get("default");
                if (value != null) {
                    pairs.add(new Object[] {smallest, with(smallest, name, value)});
                }
                List<Object[]> inner = new ArrayList<>();
                defaults(map(property), inner);
                inner.forEach(pair ->
                        pairs.add(new Object[] {with(smallest, name, pair[0]), with(smallest, name, pair[1])}));
            });
        }
    }

    private Object smallest(Map<String, Object> of) {
        if (of.containsKey("$ref")) {
            return smallest(definition(of));
        } else if (of.containsKey("anyOf") || of.containsKey("oneOf")) {
            return smallest(this.<Map<String, Object>>list(of.containsKey("anyOf") ? of.get("anyOf") : of.get("oneOf"))
                    .get(0));
        } else if (of.containsKey("const")) {
            return of.get("const");
        }
        return switch ((String) of.get("type")) {
            case "integer" -> 1;
            case "array" -> List.of(smallest(map(of.get("items"))));
            case "object" -> smallestObject(of);
            case "string" -> of.containsKey("pattern") ? "10s" : "http://h";
            default -> throw new AssertionError(of);
        };
    }

    private Map<String, Object> smallestObject(Map<String, Object> of) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String name : this.<String>list(of.getOrDefault("required", List.of()))) {
            fields.put(
                    name,
                    name.equals("name") ? "a" : smallest(map(properties(of).get(name))));
        }
        Map<String, Object> properties = map(of.getOrDefault("properties", Map.of()));
        if (properties.containsKey("discovery")) {
            fields.put("backends", List.of("http://h")); // One of the two is required.
        }
        if (properties.containsKey("resolvers")) {
            fields.put("port", 80); // Addresses have none of their own.
        }
        if (properties.containsKey("errorsInARow")) {
            fields.put("errorsInARow", 5); // Without a rule they are refused.
        }
        return fields;
    }

    private static Map<String, Object> properties(Map<String, Object> of) {
        return map(of.get("properties"));
    }

    private static boolean isPlaceholder(Map<String, Object> of) {
        return "#/$defs/placeholder".equals(of.get("$ref"));
    }

    private Map<String, Object> definition(Map<String, Object> reference) {
        return map(map(schema.get("$defs")).get(((String) reference.get("$ref")).substring("#/$defs/".length())));
    }

    private static Map<String, Object> with(Map<String, Object> fields, String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(fields);
        copy.put(name, value);
        return copy;
    }

    private static PoolConfig settings(Object document) {
        return read(document).get(0).scheduler(new VirtualTime()).config();
    }

    private static List<LoadBalancerBuilder> read(Object document) {
        return PoolDocumentTest.read(json(document).getBytes(StandardCharsets.UTF_8));
    }

    private static String json(Object tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Object> schema() {
        try {
            return map(MAPPER.readValue(ConfigDocument.schema("Pools", PoolForm.document()), Map.class));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private <T> List<T> list(Object value) {
        return (List<T>) value;
    }
}
