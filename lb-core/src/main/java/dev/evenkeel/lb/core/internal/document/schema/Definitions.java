package dev.evenkeel.lb.core.internal.document.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Builds a JSON Schema (2020-12) with shared definitions. */
final class Definitions {
    private final Map<String, Object> definitions = new TreeMap<>();

    private Definitions() {}

    /** The schema of documents of a form. */
    static Map<String, Object> schemaOf(String title, ObjectSchema<?> root) {
        Definitions definitions = new Definitions();
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", title);
        schema.putAll(root.schema(definitions));
        schema.put("$defs", definitions.definitions);
        return schema;
    }

    /** A reference to a definition, which is created if it does not exist yet. */
    Map<String, Object> define(String name, Supplier<Map<String, Object>> schema) {
        if (!definitions.containsKey(name)) {
            definitions.put(name, Map.of());
            definitions.put(name, schema.get());
        }
        return Map.of("$ref", "#/$defs/" + name);
    }

    /** A string with placeholders, which may stand for any scalar. */
    Map<String, Object> placeholder() {
        return define("placeholder", () -> {
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put(
                    "description",
                    "A value from the environment or from a file: ${NAME}, ${NAME:default} or ${file:/path}.");
            schema.put("type", "string");
            schema.put("pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:.*)?\\}");
            return schema;
        });
    }

    static Map<String, Object> object(String meaning, Map<String, Object> properties, List<String> required) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", meaning.replace("`", ""));
        schema.put("type", "object");
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", false);
        return schema;
    }
}
