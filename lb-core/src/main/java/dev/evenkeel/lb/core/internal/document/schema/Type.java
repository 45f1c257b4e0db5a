package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A type of values in a configuration: how one is read, what a schema says of it, and what a page says.
 *
 * @param <T> what a value means
 */
public abstract class Type<T> {
    Type() {}

    /**
     * Reads a value and passes on what it means. Whatever is wrong is noted.
     *
     * @return what is kept of the value; null if nothing was passed on
     */
    abstract @Nullable Object read(ValueCursor value, ValueConsumer<T> sink);

    /** The schema, with the definitions that it refers to. */
    abstract Map<String, Object> schema(Definitions definitions);

    /** In a few words of Markdown; with links to the forms that it holds. */
    abstract String describe(MarkdownReference page);
}
