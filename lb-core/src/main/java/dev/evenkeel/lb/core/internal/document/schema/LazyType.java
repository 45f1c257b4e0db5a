package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A type that is created on demand, for objects that contain others of their kind. */
final class LazyType<T> extends Type<T> {
    private final Supplier<Type<T>> type;

    LazyType(Supplier<Type<T>> type) {
        this.type = type;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<T> sink) {
        return type.get().read(value, sink);
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return type.get().schema(definitions);
    }

    @Override
    String describe(MarkdownReference page) {
        return type.get().describe(page);
    }
}
