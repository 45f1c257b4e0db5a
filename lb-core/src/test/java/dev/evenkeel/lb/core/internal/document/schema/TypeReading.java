package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One value as a type reads it: its meanings in order, its canonical form, and the faults. */
final class TypeReading<T> {
    final List<T> meanings = new ArrayList<>();
    final List<String> faults = new ArrayList<>();
    private @Nullable Object kept;

    static <T> TypeReading<T> of(Type<T> type, @Nullable Object written) {
        return of(type, written, Map.of());
    }

    static <T> TypeReading<T> of(Type<T> type, @Nullable Object written, Map<String, String> environment) {
        TypeReading<T> result = new TypeReading<>();
        ReadContext reading = new ReadContext("test", environment::get, null);
        ValueCursor value = ValueCursor.of("$", written, reading);
        if (value != null) {
            result.kept = type.read(value, (meaning, path) -> result.meanings.add(meaning));
        }
        try {
            reading.faults.throwIfAny();
        } catch (ConfigException e) {
            e.faults().forEach(fault -> result.faults.add(fault.path() + ": " + fault.rule()));
        }
        return result;
    }

    @Nullable
    Object kept() {
        return kept;
    }
}
