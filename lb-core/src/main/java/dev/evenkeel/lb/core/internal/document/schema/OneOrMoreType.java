package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value, or a list of values; a single one is kept as such. */
final class OneOrMoreType<E> extends Type<List<E>> {
    private final Type<E> one;
    private final Type<List<E>> more;

    OneOrMoreType(Type<E> one, Type<List<E>> more) {
        this.one = one;
        this.more = more;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<List<E>> sink) {
        if (value.array() == null) {
            return one.read(value, (meaning, path) -> sink.take(List.of(meaning), path));
        }
        // If all elements are refused, which has been reported, nothing of the list is left.
        Object kept = more.read(value, (list, path) -> {
            if (!list.isEmpty()) {
                sink.take(list, path);
            }
        });
        return kept instanceof List<?> list && list.size() == 1 ? list.get(0) : kept;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("anyOf", List.of(one.schema(definitions), more.schema(definitions)));
        return schema;
    }

    @Override
    String describe(MarkdownReference page) {
        return one.describe(page) + "; or an array of such";
    }
}
