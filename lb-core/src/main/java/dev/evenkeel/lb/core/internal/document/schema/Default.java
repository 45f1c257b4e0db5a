package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.JsonText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The default of a field. */
public final class Default {
    /** No default: the field is required. */
    static final Default REQUIRED = new Default(null, "required");

    private final @Nullable Object value;
    private final String text;
    /** The field that replaces this one; one of the two is required. */
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
     * No default: the field is required unless another one is present.
     *
     * @param field the other field
     * @return the default
     */
    public static Default requiredWithout(String field) {
        return new Default(null, "required without `" + field + "`", field);
    }

    /**
     * A default that could be written in the file.
     *
     * @param value a string, a number or a boolean, as in the file
     * @return the default
     */
    public static Default of(Object value) {
        return new Default(value, "`" + JsonText.compact(value) + "`");
    }

    /**
     * A default that is no value of the field.
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
