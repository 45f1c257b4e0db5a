package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A string, number or boolean. A string with placeholders may stand for any of them. */
abstract class ScalarType<T> extends Type<T> {
    /** The text for a value of another type, and the reference page's word for it. */
    private final String expected;

    private final String range;
    private final Map<String, Object> schema;

    /**
     * A type.
     *
     * @param expected such as {@code a whole number}
     * @param range such as {@code 1 to 100}; may be empty
     */
    ScalarType(String expected, String range, Map<String, Object> schema) {
        this.expected = expected;
        this.range = range;
        this.schema = schema;
    }

    /** The meaning of a value; null if it is of another type. A string is not converted, unless it was expanded. */
    abstract @Nullable T parse(ValueCursor value);

    abstract Object write(T meaning);

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<T> sink) {
        Object[] kept = new Object[1];
        boolean taken = value.offer(expected + (range.isEmpty() ? "" : ", " + range), () -> {
            T meaning = parse(value);
            if (meaning == null) {
                value.expected(expected);
            } else {
                kept[0] = value.canonical(write(meaning));
                sink.take(meaning, value.path);
            }
        });
        return taken ? kept[0] : null;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        if (schema.equals(Map.of("type", "string"))) {
            return new LinkedHashMap<>(schema);
        }
        Map<String, Object> either = new LinkedHashMap<>();
        either.put("anyOf", List.of(schema, definitions.placeholder()));
        return either;
    }

    @Override
    String describe(MarkdownReference page) {
        String word = expected.replaceFirst("^an? ", "").replaceFirst(" such as.*", "");
        return range.isEmpty() ? word : word + ", " + range;
    }
}
