package dev.evenkeel.lb.core.config.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;

/**
 * One JSON value on its way into a setter. A value of another type does not arrive, nor does a missing one; a setter that
 * throws {@link IllegalArgumentException} refuses the value. Either is a fault with the value's path.
 */
public final class ConfigValue {
    private final String path;
    private final JsonNode node;
    private final Faults faults;

    ConfigValue(String path, JsonNode node, Faults faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
    }

    /**
     * Where the value stands.
     *
     * @return such as {@code $.pools[0].name}
     */
    public String path() {
        return path;
    }

    /**
     * Whether the value is a string, for fields that take a string or an object.
     *
     * @return false for anything else
     */
    public boolean isText() {
        return node.isTextual();
    }

    /**
     * Notes a fault.
     *
     * @param rule the rule that the value breaks
     */
    public void refuse(String rule) {
        faults.add(path, node.isMissingNode() ? "" : node.toString(), rule);
    }

    /**
     * Passes a string on.
     *
     * @param setter takes it or throws
     */
    public void text(Consumer<String> setter) {
        if (is(node.isTextual(), "a string")) {
            offer(() -> setter.accept(node.textValue()));
        }
    }

    /**
     * Passes the meaning of a word on.
     *
     * @param <T> the meaning's type
     * @param what the words' kind, such as {@code strategy}
     * @param meanings by word
     * @param setter takes it or throws
     */
    public <T> void word(String what, Map<String, T> meanings, Consumer<T> setter) {
        text(word -> {
            T meaning = meanings.get(word);
            if (meaning == null) {
                throw new IllegalArgumentException("unknown " + what + " \"" + word + "\"; expected one of "
                        + String.join(", ", meanings.keySet()));
            }
            setter.accept(meaning);
        });
    }

    /**
     * Passes a whole number on.
     *
     * @param setter takes it or throws
     */
    public void integer(IntConsumer setter) {
        if (is(node.isIntegralNumber(), "a whole number") && is(node.canConvertToInt(), "a whole number of 32 bits")) {
            offer(() -> setter.accept(node.intValue()));
        }
    }

    /**
     * Passes a number on.
     *
     * @param setter takes it or throws
     */
    public void number(DoubleConsumer setter) {
        if (is(node.isNumber() && Double.isFinite(node.doubleValue()), "a number")) {
            offer(() -> setter.accept(node.doubleValue()));
        }
    }

    /**
     * Passes true or false on.
     *
     * @param setter takes it or throws
     */
    public void flag(Consumer<Boolean> setter) {
        if (is(node.isBoolean(), "true or false")) {
            offer(() -> setter.accept(node.booleanValue()));
        }
    }

    /**
     * Passes a duration on.
     *
     * @param setter takes it or throws
     */
    public void duration(Consumer<Duration> setter) {
        if (is(node.isTextual(), DurationText.RULE)) {
            offer(() -> setter.accept(DurationText.parse(node.textValue())));
        }
    }

    /**
     * Reads an object.
     *
     * @param reader asks for its fields; those it does not ask for are faults
     */
    public void object(Consumer<ConfigObject> reader) {
        if (is(node.isObject(), "an object")) {
            ConfigObject object = new ConfigObject(path, node, faults);
            reader.accept(object);
            object.refuseTheRest();
        }
    }

    /**
     * Reads an array.
     *
     * @param reader called for each element
     */
    public void array(Consumer<ConfigValue> reader) {
        if (is(node.isArray(), "an array")) {
            for (int i = 0; i < node.size(); i++) {
                reader.accept(new ConfigValue(path + "[" + i + "]", node.get(i), faults));
            }
        }
    }

    /**
     * Reads an array with at least one element.
     *
     * @param reader called for each element
     */
    public void nonEmptyArray(Consumer<ConfigValue> reader) {
        if (node.isArray() && node.isEmpty()) {
            refuse("must have at least one element");
        }
        array(reader);
    }

    private boolean is(boolean matches, String expected) {
        if (!matches && !node.isMissingNode()) {
            refuse("must be " + expected + ": " + Faults.clean(node.toString(), 100));
        }
        return matches;
    }

    void offer(Runnable setter) {
        try {
            setter.run();
        } catch (IllegalArgumentException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }
}
