package dev.evenkeel.lb.core.config.form;

import org.jspecify.annotations.Nullable;

/** What holds where a field is left out. */
public final class Default {
    /** Nothing does: the field must be there. */
    static final Default REQUIRED = new Default(null, "required");

    private final @Nullable Object value;
    private final String text;

    private Default(@Nullable Object value, String text) {
        this.value = value;
        this.text = text;
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
