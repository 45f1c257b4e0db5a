package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object with any names of fields, passed on one by one, each with its path. */
final class MapEntriesType<V> extends Type<Map.Entry<String, V>> {
    private static final int MAX = 10_000;

    private final Type<V> type;
    private final String names;

    MapEntriesType(Type<V> type, String names) {
        this.type = type;
        this.names = names;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<Map.Entry<String, V>> sink) {
        Map<String, @Nullable Object> object = value.object();
        if (object == null) {
            value.expected("an object");
            return null;
        }
        if (object.size() > MAX) {
            value.refuse("must have at most " + MAX + " fields: it has " + object.size());
            return null;
        }
        Map<String, Object> kept = new LinkedHashMap<>();
        object.forEach((name, written) -> {
            ValueCursor one = value.field(name, written);
            Object canonical =
                    one == null ? null : type.read(one, (meaning, path) -> sink.take(Map.entry(name, meaning), path));
            if (canonical != null) {
                kept.put(name, canonical);
            }
        });
        return kept;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", type.schema(definitions));
        schema.put("maxProperties", MAX);
        return schema;
    }

    @Override
    String describe(MarkdownReference page) {
        return "object: " + names + " → " + type.describe(page);
    }
}
