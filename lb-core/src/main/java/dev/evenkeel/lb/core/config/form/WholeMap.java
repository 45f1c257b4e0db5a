package dev.evenkeel.lb.core.config.form;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object with any names of fields that is passed on as a whole. */
final class WholeMap<V> extends Type<Map<String, V>> {
    private final Entries<V> entries;

    WholeMap(Entries<V> entries) {
        this.entries = entries;
    }

    @Override
    @Nullable
    Object read(Value value, Sink<Map<String, V>> sink) {
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
    String describe(Page page) {
        return entries.describe(page);
    }
}
