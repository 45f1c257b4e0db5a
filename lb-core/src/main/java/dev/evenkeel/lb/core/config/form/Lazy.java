package dev.evenkeel.lb.core.config.form;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A type that is not there yet, for objects that hold others of their kind. */
final class Lazy<T> extends Type<T> {
    private final Supplier<Type<T>> type;

    Lazy(Supplier<Type<T>> type) {
        this.type = type;
    }

    @Override
    @Nullable
    Object read(Value value, Sink<T> sink) {
        return type.get().read(value, sink);
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return type.get().schema(definitions);
    }

    @Override
    String describe(Page page) {
        return type.get().describe(page);
    }
}
