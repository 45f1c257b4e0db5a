package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object with any names of fields that is passed on as a whole. */
final class WholeMapType<V> extends Type<Map<String, V>> {
    private final MapEntriesType<V> entries;

    WholeMapType(MapEntriesType<V> entries) {
        this.entries = entries;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<Map<String, V>> sink) {
        Map<String, V> map = new LinkedHashMap<>();
        Object kept = entries.read(value, (entry, path) -> map.put(entry.getKey(), entry.getValue()));
        boolean taken = kept != null && value.offer("an object", () -> sink.take(map, value.path));
        return taken ? kept : null;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return entries.schema(definitions);
    }

    @Override
    String describe(MarkdownReference page) {
        return entries.describe(page);
    }
}
