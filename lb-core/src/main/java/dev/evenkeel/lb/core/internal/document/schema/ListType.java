package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A list whose elements are passed on one by one, each with its path. */
final class ListType<E> extends Type<E> {
    private final Type<E> element;
    private final int least;
    private final int most;

    ListType(Type<E> element, int least, int most) {
        this.element = element;
        this.least = least;
        this.most = most;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<E> sink) {
        List<?> array = value.array();
        if (array == null) {
            value.expected("an array");
            return null;
        }
        if (array.size() < least) {
            value.refuse(least == 1 ? "must have at least one element" : "must have at least " + least + " elements");
        }
        if (array.size() > most) {
            value.refuse("must have at most " + most + " elements: it has " + array.size());
        }
        List<Object> kept = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            ValueCursor one = value.element(i, array.get(i));
            Object canonical = one == null ? null : element.read(one, sink);
            if (canonical != null) {
                kept.add(canonical);
            }
        }
        return kept;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "array");
        schema.put("items", element.schema(definitions));
        if (least > 0) {
            schema.put("minItems", least);
        }
        schema.put("maxItems", most);
        return schema;
    }

    @Override
    String describe(MarkdownReference page) {
        return "array of " + element.describe(page) + (least > 0 ? ", at least " + least : "");
    }
}
