package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A type of configuration values: how one is read, its schema, and its text on the reference page.
 *
 * @param <T> the meaning of a value
 */
public abstract class Type<T> {
    Type() {}

    /**
     * Reads a value and passes on its meaning. Faults are collected.
     *
     * @return the canonical value; null if nothing was passed on
     */
    abstract @Nullable Object read(ValueCursor value, ValueConsumer<T> sink);

    /** Passes on what is built of an object's fields, unless building has failed for a reason that was reported. */
    static <B, T> void offer(ValueCursor value, B fields, Function<B, @Nullable T> finish, ValueConsumer<T> sink) {
        value.offer("an object", () -> {
            T whole = finish.apply(fields);
            if (whole != null) {
                sink.take(whole, value.path);
            }
        });
    }

    /** The schema, with the definitions that it refers to. */
    abstract Map<String, Object> schema(Definitions definitions);

    /** A few words of Markdown, with links to the forms that it contains. */
    abstract String describe(MarkdownReference page);
}
