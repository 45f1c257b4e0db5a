package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One field of a form: its name, type, default, meaning and setter. */
record Field<B, T>(String name, Type<T> type, Default otherwise, String meaning, Setter<B, T> setter) {

    void read(B target, ValueCursor owner, Map<String, @Nullable Object> object, Map<String, Object> kept) {
        if (!object.containsKey(name)) {
            if (otherwise.isRequiredIn(object)) {
                owner.reading.faults.add(owner.pathOf(name), "", "is required");
            }
            return;
        }
        ValueCursor value = owner.field(name, object.get(name));
        Object canonical =
                value == null ? null : type.read(value, (meaning, path) -> setter.set(target, meaning, path));
        if (canonical != null) {
            kept.put(name, canonical);
        }
    }

    Map<String, Object> schema(Definitions definitions) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", meaning.replace("`", ""));
        schema.putAll(type.schema(definitions));
        Object value = otherwise.value();
        if (value != null) {
            schema.put("default", value);
        }
        return schema;
    }
}
