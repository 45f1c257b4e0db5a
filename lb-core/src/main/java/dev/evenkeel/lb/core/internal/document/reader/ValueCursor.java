package dev.evenkeel.lb.core.internal.document.reader;

import dev.evenkeel.lb.core.internal.document.reader.JsonTrees.Expanded;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value on its way into a setter: its path, the value as written, and the value with its placeholders replaced. A
 * setter that throws {@link IllegalArgumentException} refuses it, which becomes a fault with the value's path.
 */
public final class ValueCursor {
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    public final String path;
    public final ReadContext reading;
    private final @Nullable Object written;
    private final @Nullable Object node;
    private final boolean hidden;

    private ValueCursor(
            String path, @Nullable Object written, @Nullable Object node, ReadContext reading, boolean hidden) {
        this.path = path;
        this.written = written;
        this.node = node;
        this.reading = reading;
        this.hidden = hidden;
    }

    public static @Nullable ValueCursor of(String path, @Nullable Object written, ReadContext reading) {
        return of(path, written, reading, false);
    }

    /** Null, and a fault, if a placeholder cannot be replaced. */
    private static @Nullable ValueCursor of(
            String path, @Nullable Object written, ReadContext reading, boolean hidden) {
        ValueCursor value = new ValueCursor(path, written, written, reading, hidden);
        if (written instanceof String text && Placeholders.isIn(text)) {
            try {
                return new ValueCursor(path, written, reading.placeholders.expand(text), reading, hidden);
            } catch (IllegalArgumentException e) {
                value.refuse(String.valueOf(e.getMessage()));
                return null;
            }
        }
        return value;
    }

    /** The same value, which no fault quotes. */
    public ValueCursor hidden() {
        return new ValueCursor(path, written, node, reading, true);
    }

    public @Nullable ValueCursor element(int index, @Nullable Object element) {
        return of(path + "[" + index + "]", element, reading, hidden);
    }

    public @Nullable ValueCursor field(String name, @Nullable Object value) {
        return of(pathOf(name), value, reading, hidden);
    }

    public String pathOf(String field) {
        return PLAIN_NAME.matcher(field).matches()
                ? path + "." + field
                : path + "['" + ErrorCollector.clean(field, 100).replace("'", "\\'") + "']";
    }

    /** Whether it is a string with placeholders, which may stand for any scalar. */
    public boolean isExpanded() {
        return written != node;
    }

    public @Nullable String text() {
        return node instanceof String text ? text : null;
    }

    public @Nullable Number number() {
        return node instanceof Number number ? number : null;
    }

    public @Nullable Boolean flag() {
        return node instanceof Boolean flag ? flag : null;
    }

    @SuppressWarnings("unchecked") // Trees has made it so
    public @Nullable Map<String, @Nullable Object> object() {
        return node instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : null;
    }

    public @Nullable List<?> array() {
        return node instanceof List<?> list ? list : null;
    }

    /** Adds the fault that a value has another type. */
    public void expected(String type) {
        refuse("must be " + type + ": " + ErrorCollector.clean(quoted(), 100));
    }

    public void refuse(String rule) {
        reading.faults.add(path, quoted(), rule);
    }

    private String quoted() {
        return hidden ? "…" : JsonText.compact(written);
    }

    /**
     * Passes the value on.
     *
     * @param expected what is expected here, used instead of the setter's message if that could quote a secret
     * @return whether it was taken
     */
    public boolean offer(String expected, Runnable setter) {
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

    /** The canonical form of a value that was taken, for comparing and writing it. */
    public Object canonical(Object value) {
        return written instanceof String text && Placeholders.isIn(text) ? new Expanded(text, value) : value;
    }
}
