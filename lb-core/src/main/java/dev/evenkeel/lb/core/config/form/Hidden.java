package dev.evenkeel.lb.core.config.form;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that may be secrets, or hold some: nobody is told what stands there. */
final class Hidden<T> extends Type<T> {
    private final Type<T> type;

    Hidden(Type<T> type) {
        this.type = type;
    }

    @Override
    @Nullable
    Object read(Value value, Sink<T> sink) {
        return type.read(value.hidden(), sink);
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return type.schema(definitions);
    }

    @Override
    String describe(Page page) {
        return type.describe(page);
    }
}
