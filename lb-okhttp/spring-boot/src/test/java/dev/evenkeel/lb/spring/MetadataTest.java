package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The metadata that editors complete properties by follows from the schema of the document.
 * {@code -Devenkeel.update=true} writes it again.
 */
class MetadataTest {
    private static final String FILE = "META-INF/spring-configuration-metadata.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JsonNode schema;
    private final TreeMap<String, ObjectNode> properties = new TreeMap<>();
    private final TreeMap<String, ObjectNode> hints = new TreeMap<>();

    private MetadataTest() throws Exception {
        schema = JSON.readTree(LiveConfig.schema());
    }

    @Test
    void metadata_followsTheSchema() throws Exception {
        own("evenkeel.config", "java.lang.String", "location of the document in JSON or YAML; a file is followed");
        own("evenkeel.enabled", "java.lang.Boolean", "whether the starter does anything")
                .put("defaultValue", true);
        own(
                        "evenkeel.rest-clients",
                        "java.lang.Boolean",
                        "whether Spring Boot's RestClient.Builder and RestTemplateBuilder use it")
                .put("defaultValue", true);
        addFields("evenkeel", schema);
        ObjectNode metadata = JSON.createObjectNode();
        metadata.putArray("groups");
        ArrayNode all = metadata.putArray("properties");
        properties.values().forEach(all::add);
        ArrayNode allHints = metadata.putArray("hints");
        hints.values().forEach(allHints::add);
        String expected = metadata.toPrettyString().replace("\r\n", "\n") + "\n";
        if (Boolean.getBoolean("evenkeel.update")) {
            Files.writeString(Path.of("src/main/resources").resolve(FILE), expected);
        }

        assertThat(properties).containsKeys("evenkeel.pools", "evenkeel.retries.backoff.initial-interval");
        try (InputStream in = Path.of("src/main/resources").toFile().isDirectory()
                ? Files.newInputStream(Path.of("src/main/resources").resolve(FILE))
                : LiveConfigCustomizer.class.getResourceAsStream("/" + FILE)) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(expected);
        }
    }

    private ObjectNode own(String name, String type, String description) {
        ObjectNode property = JSON.createObjectNode();
        property.put("name", name).put("type", type).put("description", description);
        properties.put(name, property);
        return property;
    }

    /** The fields of every form of an object; what is in a list has no name of its own in Spring's metadata. */
    private void addFields(String prefix, JsonNode object) {
        object.path("properties").fields().forEachRemaining(field -> {
            String name = prefix + "." + dashed(field.getKey());
            List<JsonNode> forms = forms(field.getValue());
            String type = type(forms);
            if (!type.isEmpty()) {
                if (!properties.containsKey(name)) {
                    addProperty(name, type, field.getValue(), forms);
                }
                addHints(name, forms);
            }
            forms.forEach(form -> addFields(name, form));
        });
    }

    private void addProperty(String name, String type, JsonNode field, List<JsonNode> forms) {
        String description = field.path("description").asText(field.has("const") ? "which kind" : "");
        ObjectNode property = own(name, type, described(description, forms));
        JsonNode defaultValue = field.path("default");
        if (!defaultValue.isMissingNode()) {
            property.set("defaultValue", defaultValue);
        }
    }

    private String described(String description, List<JsonNode> forms) {
        Set<String> fields = new LinkedHashSet<>();
        forms.forEach(form -> forms(form.path("items"))
                .forEach(item -> item.path("properties").fieldNames().forEachRemaining(f -> fields.add(dashed(f)))));
        return fields.isEmpty() ? description : description + "; each has " + String.join(", ", fields);
    }

    /** The words that a field may have; the kinds of an object come one by one, each with its form. */
    private void addHints(String name, List<JsonNode> forms) {
        List<JsonNode> values = new ArrayList<>();
        forms.forEach(form -> {
            form.path("enum").forEach(values::add);
            if (form.has("const")) {
                values.add(form.path("const"));
            }
        });
        if (!values.isEmpty()) {
            ObjectNode hint =
                    hints.computeIfAbsent(name, added -> JSON.createObjectNode().put("name", added));
            values.forEach(value -> hint.withArray("values").addObject().set("value", value));
        }
    }

    private List<JsonNode> forms(JsonNode place) {
        List<JsonNode> forms = new ArrayList<>();
        String ref = place.path("$ref").asText();
        if (ref.equals("#/$defs/placeholder") || place.isMissingNode()) {
            return forms;
        }
        if (!ref.isEmpty()) {
            return forms(schema.at(ref.substring(1)));
        }
        forms.add(place);
        for (String choice : List.of("anyOf", "oneOf")) {
            place.path(choice).forEach(form -> forms.addAll(forms(form)));
        }
        return forms;
    }

    /** Empty for an object, which has only its fields. */
    private static String type(List<JsonNode> forms) {
        for (JsonNode form : forms) {
            if (form.has("enum") || form.has("const")) {
                return "java.lang.String";
            }
            switch (form.path("type").asText()) {
                case "string" -> {
                    return "java.lang.String";
                }
                case "boolean" -> {
                    return "java.lang.Boolean";
                }
                case "integer" -> {
                    return "java.lang.Long";
                }
                case "number" -> {
                    return "java.lang.Double";
                }
                case "array" -> {
                    return "java.util.List<java.lang.Object>";
                }
                case "object" -> {
                    if (form.path("additionalProperties").isObject()) {
                        return "java.util.Map<java.lang.String,java.lang.Object>";
                    }
                }
                default -> {
                    // a choice, whose forms are in the list too
                }
            }
        }
        return "";
    }

    private static String dashed(String field) {
        return field.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
