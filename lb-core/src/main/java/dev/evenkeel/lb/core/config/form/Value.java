package dev.evenkeel.lb.core.config.form;

import dev.evenkeel.lb.core.config.form.Trees.Expanded;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value on its way into a setter: where it stands, what it is, and what it is with its placeholders replaced. A setter
 * that throws {@link IllegalArgumentException} refuses it, which is a fault with the value's path.
 */
final class Value {
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    final String path;
    final Reading reading;
    private final @Nullable Object written;
    private final @Nullable Object node;
    private final boolean hidden;

    private Value(String path, @Nullable Object written, @Nullable Object node, Reading reading, boolean hidden) {
        this.path = path;
        this.written = written;
        this.node = node;
        this.reading = reading;
        this.hidden = hidden;
    }

    static @Nullable Value of(String path, @Nullable Object written, Reading reading) {
        return of(path, written, reading, false);
    }

    /** Null, and a fault, if a placeholder cannot be replaced. */
    private static @Nullable Value of(String path, @Nullable Object written, Reading reading, boolean hidden) {
        Value value = new Value(path, written, written, reading, hidden);
        if (written instanceof String text && Placeholders.isIn(text)) {
            try {
                return new Value(path, written, reading.placeholders.expand(text), reading, hidden);
            } catch (IllegalArgumentException e) {
                value.refuse(String.valueOf(e.getMessage()));
                return null;
            }
        }
        return value;
    }

    /** The same, but no fault quotes it, or what is in it. */
    Value hidden() {
        return new Value(path, written, node, reading, true);
    }

    @Nullable
    Value element(int index, @Nullable Object element) {
        return of(path + "[" + index + "]", element, reading, hidden);
    }

    @Nullable
    Value field(String name, @Nullable Object value) {
        return of(pathOf(name), value, reading, hidden);
    }

    String pathOf(String field) {
        return PLAIN_NAME.matcher(field).matches()
                ? path + "." + field
                : path + "['" + Faults.clean(field, 100).replace("'", "\\'") + "']";
    }

    /** Whether a string with placeholders stands here, which may mean any scalar. */
    boolean isExpanded() {
        return written != node;
    }

    @Nullable
    String text() {
        return node instanceof String text ? text : null;
    }

    @Nullable
    Number number() {
        return node instanceof Number number ? number : null;
    }

    @Nullable
    Boolean flag() {
        return node instanceof Boolean flag ? flag : null;
    }

    @SuppressWarnings("unchecked") // Trees has made it so
    @Nullable
    Map<String, @Nullable Object> object() {
        return node instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : null;
    }

    @Nullable
    List<?> array() {
        return node instanceof List<?> list ? list : null;
    }

    /** A value of another type: a fault. */
    void expected(String type) {
        refuse("must be " + type + ": " + Faults.clean(quoted(), 100));
    }

    void refuse(String rule) {
        reading.faults.add(path, quoted(), rule);
    }

    private String quoted() {
        return hidden ? "…" : Json.compact(written);
    }

    /**
     * Passes the value on.
     *
     * @param expected what is expected here, to be said instead of the setter's words if these could quote a secret
     * @return whether it was taken
     */
    boolean offer(String expected, Runnable setter) {
        try {
            setter.run();
            return true;
        } catch (IllegalArgumentException e) {
            refuse(
                    isExpanded()
                            ? "what the placeholders stand for is refused; expected " + expected
                            : String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** What is kept of a value that was taken, so that it can be compared and written again. */
    Object canonical(Object value) {
        return written instanceof String text && Placeholders.isIn(text) ? new Expanded(text, value) : value;
    }
}
