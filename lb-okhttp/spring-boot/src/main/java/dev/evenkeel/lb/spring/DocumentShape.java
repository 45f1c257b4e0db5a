package dev.evenkeel.lb.spring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the schema says of one place of the document: every form that a value may have there. It tells how a property's
 * name and text are meant; whether they are right is for the reader of the document to say.
 */
final class DocumentShape {
    /** A place that the schema does not know. */
    static final DocumentShape ANY =
            new DocumentShape(JsonMapper.builder().build().createObjectNode(), List.of());

    private static final Pattern INTEGER = Pattern.compile("-?\\d{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,18}(\\.\\d{1,18})?");
    private static final String PLACEHOLDER = "#/$defs/placeholder";

    private final JsonNode root;
    private final List<JsonNode> forms;

    private DocumentShape(JsonNode root, List<JsonNode> forms) {
        this.root = root;
        this.forms = forms;
    }

    /** The document itself. */
    static DocumentShape root() {
        try {
            JsonNode schema = JsonMapper.builder().build().readTree(LiveConfig.schema());
            return of(schema, List.of(schema));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DocumentShape of(JsonNode root, List<JsonNode> schemas) {
        List<JsonNode> forms = new ArrayList<>();
        schemas.forEach(schema -> addForms(root, schema, forms));
        return new DocumentShape(root, forms);
    }

    private static void addForms(JsonNode root, JsonNode schema, List<JsonNode> forms) {
        String ref = schema.path("$ref").asText();
        if (ref.equals(PLACEHOLDER)) {
            return;
        }
        if (!ref.isEmpty()) {
            addForms(root, root.at(ref.substring(1)), forms);
            return;
        }
        forms.add(schema);
        for (String choice : List.of("anyOf", "oneOf")) {
            schema.path(choice).forEach(form -> addForms(root, form, forms));
        }
    }

    /** Whether an object here has a field of this name in letters and digits. */
    boolean has(String uniform) {
        return known(uniform) != null;
    }

    /** The field of an object here; the name as it was written if there is none. */
    String field(String written, String uniform) {
        String known = known(uniform);
        return known == null ? written : known;
    }

    private @Nullable String known(String uniform) {
        for (JsonNode form : forms) {
            for (String name : (Iterable<String>) form.path("properties")::fieldNames) {
                if (name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "").equals(uniform)) {
                    return name;
                }
            }
        }
        return null;
    }

    /** The place under a field, or of an element. */
    DocumentShape child(String key) {
        List<JsonNode> schemas = new ArrayList<>();
        for (JsonNode form : forms) {
            add(schemas, form.path("properties").path(key));
            add(schemas, form.path("additionalProperties"));
            add(schemas, form.path("items"));
        }
        return of(root, schemas);
    }

    private static void add(List<JsonNode> schemas, JsonNode schema) {
        if (schema.isObject()) {
            schemas.add(schema);
        }
    }

    /** Whether a list may be here. */
    boolean isList() {
        return has("type", "array") || forms.isEmpty();
    }

    private boolean has(String keyword, String value) {
        return forms.stream().anyMatch(form -> form.path(keyword).asText().equals(value));
    }

    /** What a property's value means: the text, number, flag or list that may be here. */
    Object value(Object written) {
        boolean isText = has("type", "string");
        if (!(written instanceof String text)) {
            return isText && !has("type", "integer") && !has("type", "number") && !has("type", "boolean")
                    ? written.toString()
                    : written;
        }
        if (isText || forms.isEmpty()) {
            return text;
        }
        Object scalar = scalar(text);
        if (scalar != text || forms.stream().anyMatch(form -> form.has("enum")) || !has("type", "array")) {
            return scalar;
        }
        return Arrays.stream(text.split(","))
                .map(element -> child("0").value(element.strip()))
                .toList();
    }

    private Object scalar(String text) {
        if (has("type", "boolean") && (text.equals("true") || text.equals("false"))) {
            return Boolean.valueOf(text);
        }
        if (has("type", "integer") && INTEGER.matcher(text).matches()) {
            return Long.valueOf(text);
        }
        if (has("type", "number") && DECIMAL.matcher(text).matches()) {
            return Double.valueOf(text);
        }
        return text;
    }
}
