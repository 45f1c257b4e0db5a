package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A list that is passed on as a whole. */
final class WholeListType<E> extends Type<List<E>> {
    private final ListType<E> each;

    WholeListType(ListType<E> each) {
        this.each = each;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<List<E>> sink) {
        List<E> elements = new ArrayList<>();
        Object kept = each.read(value, (element, path) -> elements.add(element));
        boolean taken = kept != null && value.offer("an array", () -> sink.take(List.copyOf(elements), value.path));
        return taken ? kept : null;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return each.schema(definitions);
    }

    @Override
    String describe(MarkdownReference page) {
        return each.describe(page);
    }
}
