package dev.evenkeel.lb.core.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** One JSON object. It remembers which fields were asked for: the others are unknown. */
public final class ConfigObject {
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    private final String path;
    private final JsonNode node;
    private final Faults faults;
    private final Set<String> asked = new LinkedHashSet<>();

    ConfigObject(String path, JsonNode node, Faults faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
    }

    /**
     * A field that may be missing.
     *
     * @param field its name
     * @return its value, or one that passes nothing on
     */
    public ConfigValue optional(String field) {
        asked.add(field);
        JsonNode value = node.get(field);
        return new ConfigValue(pathOf(field), value == null ? MissingNode.getInstance() : value, faults);
    }

    /**
     * A field that must be there.
     *
     * @param field its name
     * @return its value, or one that passes nothing on, and a fault
     */
    public ConfigValue required(String field) {
        if (!node.has(field)) {
            faults.add(pathOf(field), "", "is required");
        }
        return optional(field);
    }

    /**
     * All fields, whatever their names are.
     *
     * @param reader called for each
     */
    public void each(BiConsumer<String, ConfigValue> reader) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            reader.accept(field.getKey(), optional(field.getKey()));
        }
    }

    /**
     * Offers what the fields make together.
     *
     * @param setter takes it or throws
     */
    public void whole(Runnable setter) {
        new ConfigValue(path, node, faults).offer(setter);
    }

    void refuseTheRest() {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!asked.contains(field.getKey())) {
                faults.add(
                        pathOf(field.getKey()),
                        field.getValue().toString(),
                        "unknown field; expected one of " + String.join(", ", asked));
            }
        }
    }

    private String pathOf(String field) {
        return PLAIN_NAME.matcher(field).matches()
                ? path + "." + field
                : path + "['" + Faults.clean(field, 100).replace("'", "\\'") + "']";
    }
}
