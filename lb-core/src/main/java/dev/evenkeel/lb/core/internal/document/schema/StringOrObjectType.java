package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A string, or an object with more detail. */
final class StringOrObjectType<T> extends Type<T> {
    private final Type<T> text;
    private final Type<T> object;

    StringOrObjectType(Type<T> text, Type<T> object) {
        this.text = text;
        this.object = object;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<T> sink) {
        if (value.text() != null) {
            return text.read(value, sink);
        }
        if (value.object() != null) {
            return object.read(value, sink);
        }
        value.expected("a string or an object");
        return null;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("anyOf", List.of(text.schema(definitions), object.schema(definitions)));
        return schema;
    }

    @Override
    String describe(MarkdownReference page) {
        return text.describe(page) + "; or " + object.describe(page);
    }
}
