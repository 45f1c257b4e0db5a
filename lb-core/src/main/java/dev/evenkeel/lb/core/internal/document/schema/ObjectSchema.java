package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The description of one kind of object: which fields it has, and into which setter each goes. Immutable.
 *
 * <pre>{@code
 * ObjectSchema.of("slowStart", "How newcomers come to their share.", Draft::new)
 *     .required("window", Types.duration("1s", ""), "until then a newcomer gets less", Draft::window)
 *     .optional("aggression", Types.numberAbove(0, 100), 1, "the share grows faster at first", Draft::aggression)
 *     .form()
 *     .as(Draft::build);
 * }</pre>
 *
 * @param <B> what the setters belong to: a builder, or a draft
 */
public final class ObjectSchema<B> {
    final String name;
    final String meaning;
    private final Function<ReadContext, B> start;
    final List<Field<B, ?>> fields;

    private ObjectSchema(Builder<B> builder) {
        this.name = builder.name;
        this.meaning = builder.meaning;
        this.start = builder.start;
        this.fields = List.copyOf(builder.fields);
    }

    /**
     * Creates a builder of a form.
     *
     * @param <B> what is built
     * @param name unique among the forms of a document
     * @param meaning a sentence or two
     * @param start creates the object that the setters belong to
     * @return a builder without fields
     */
    public static <B> Builder<B> of(String name, String meaning, Supplier<B> start) {
        return new Builder<>(name, meaning, reading -> start.get());
    }

    /**
     * Creates a builder of a form whose objects refer to each other.
     *
     * @param <B> what is built
     * @param name unique among the forms of a document
     * @param meaning a sentence or two
     * @param start creates the object that the setters belong to
     * @return a builder without fields
     */
    public static <B> Builder<B> knowing(String name, String meaning, Function<ReadContext, B> start) {
        return new Builder<>(name, meaning, start);
    }

    /**
     * The type of such objects.
     *
     * @param <T> the meaning of an object
     * @param finish builds it from the set fields; null if that fails for a reason that has been reported
     * @return the type
     */
    public <T> ObjectType<B, T> as(Function<B, @Nullable T> finish) {
        return new ObjectType<>(this, finish);
    }

    B start(ReadContext reading) {
        return start.apply(reading);
    }

    /** Reads the present fields, and records the values that were taken. */
    void read(B target, ValueCursor value, Map<String, @Nullable Object> object, Map<String, Object> kept) {
        for (Field<B, ?> field : fields) {
            field.read(target, value, object, kept);
        }
    }

    Stream<String> names() {
        return fields.stream().map(Field::name);
    }

    /** Adds to {@code properties} and {@code required} of a schema. */
    void describe(Definitions definitions, Map<String, Object> properties, List<String> required) {
        for (Field<B, ?> field : fields) {
            properties.put(field.name(), field.schema(definitions));
            if (field.otherwise().isRequired()) {
                required.add(field.name());
            }
        }
    }

    /** Adds a fault for each unknown field. */
    static void refuseUnknown(ValueCursor value, Map<String, @Nullable Object> object, List<String> known) {
        object.forEach((name, written) -> {
            if (!known.contains(name)) {
                value.reading.faults.add(
                        value.pathOf(name),
                        // Not quoted: it may be a secret under a misspelt name.
                        "…",
                        "unknown field; expected one of " + String.join(", ", known));
            }
        });
    }

    /** Adds fields, in the order in which they are set and described. */
    public static final class Builder<B> {
        private final String name;
        private final String meaning;
        private final Function<ReadContext, B> start;
        private final List<Field<B, ?>> fields = new ArrayList<>();

        private Builder(String name, String meaning, Function<ReadContext, B> start) {
            this.name = name;
            this.meaning = meaning;
            this.start = start;
        }

        /**
         * A field that must be there.
         *
         * @param <T> what its values mean
         * @param name its name
         * @param type its type
         * @param meaning in a few words
         * @param setter takes it or throws {@link IllegalArgumentException}
         * @return this
         */
        public <T> Builder<B> required(String name, Type<T> type, String meaning, BiConsumer<B, T> setter) {
            return requiredAt(name, type, meaning, (target, value, path) -> setter.accept(target, value));
        }

        /**
         * A field that must be there, whose setter gets its path.
         *
         * @param <T> what its values mean
         * @param name its name
         * @param type its type
         * @param meaning in a few words
         * @param setter takes it or throws {@link IllegalArgumentException}
         * @return this
         */
        public <T> Builder<B> requiredAt(String name, Type<T> type, String meaning, Setter<B, T> setter) {
            fields.add(new Field<>(name, type, Default.REQUIRED, meaning, setter));
            return this;
        }

        /**
         * A field that may be left out.
         *
         * @param <T> what its values mean
         * @param name its name
         * @param type its type
         * @param otherwise the default: a value as in the file, or a {@link Default}
         * @param meaning in a few words
         * @param setter takes it or throws {@link IllegalArgumentException}
         * @return this
         */
        public <T> Builder<B> optional(
                String name, Type<T> type, Object otherwise, String meaning, BiConsumer<B, T> setter) {
            return optionalAt(name, type, otherwise, meaning, (target, value, path) -> setter.accept(target, value));
        }

        /**
         * A field that may be left out, whose setter gets its path.
         *
         * @param <T> what its values mean
         * @param name its name
         * @param type its type
         * @param otherwise the default: a value as in the file, or a {@link Default}
         * @param meaning in a few words
         * @param setter takes it or throws {@link IllegalArgumentException}
         * @return this
         */
        public <T> Builder<B> optionalAt(
                String name, Type<T> type, Object otherwise, String meaning, Setter<B, T> setter) {
            Default value = otherwise instanceof Default given ? given : Default.of(otherwise);
            fields.add(new Field<>(name, type, value, meaning, setter));
            return this;
        }

        /**
         * Builds the form.
         *
         * @return a form with these fields
         */
        public ObjectSchema<B> form() {
            return new ObjectSchema<>(this);
        }
    }

    Map<String, Object> schema(Definitions definitions) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        describe(definitions, properties, required);
        return Definitions.object(meaning, properties, required);
    }
}
