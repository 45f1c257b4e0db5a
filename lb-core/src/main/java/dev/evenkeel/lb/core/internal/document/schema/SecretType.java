package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that may be or contain secrets: no message quotes them. */
final class SecretType<T> extends Type<T> {
    private final Type<T> type;

    SecretType(Type<T> type) {
        this.type = type;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<T> sink) {
        return type.read(value.hidden(), sink);
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return type.schema(definitions);
    }

    @Override
    String describe(MarkdownReference page) {
        return type.describe(page);
    }
}
