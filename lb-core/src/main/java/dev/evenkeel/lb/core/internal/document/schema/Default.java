package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What holds where a field is left out. */
public final class Default {
    /** Nothing does: the field must be there. */
    static final Default REQUIRED = new Default(null, "required");

    private final @Nullable Object value;
    private final String text;
    /** Another field without which this one must be there. */
    private final @Nullable String substitute;

    private Default(@Nullable Object value, String text) {
        this(value, text, null);
    }

    private Default(@Nullable Object value, String text, @Nullable String substitute) {
        this.value = value;
        this.text = text;
        this.substitute = substitute;
    }

    /**
     * Nothing holds, and the field must be there, unless another one is.
     *
     * @param field the other field
     * @return the default
     */
    public static Default requiredWithout(String field) {
        return new Default(null, "required without `" + field + "`", field);
    }

    /**
     * What the same value in the file would mean.
     *
     * @param value a string, a number or a boolean, as in the file
     * @return the default
     */
    public static Default of(Object value) {
        return new Default(value, "`" + Json.compact(value) + "`");
    }

    /**
     * Something that is no value of the field.
     *
     * @param text in a few words, such as {@code none}
     * @return the default
     */
    public static Default text(String text) {
        return new Default(null, text);
    }

    boolean isRequiredIn(Map<String, ?> object) {
        return isRequired() || (substitute != null && !object.containsKey(substitute));
    }

    boolean isRequired() {
        return this == REQUIRED;
    }

    @Nullable
    Object value() {
        return value;
    }

    /** In Markdown. */
    String describe() {
        return text;
    }
}
