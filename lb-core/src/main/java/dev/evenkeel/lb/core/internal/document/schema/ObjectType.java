package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Objects of one form.
 *
 * @param <B> what is being built
 * @param <T> what an object means
 */
public final class ObjectType<B, T> extends Type<T> {
    final ObjectSchema<B> form;
    private final Function<B, @Nullable T> finish;

    ObjectType(ObjectSchema<B> form, Function<B, @Nullable T> finish) {
        this.form = form;
        this.finish = finish;
    }

    @Override
    @Nullable
    Object read(ValueCursor value, ValueConsumer<T> sink) {
        Map<String, @Nullable Object> object = value.object();
        if (object == null) {
            value.expected("an object");
            return null;
        }
        Map<String, Object> kept = new LinkedHashMap<>();
        fill(value, object, kept, sink);
        ObjectSchema.refuseUnknown(value, object, form.names().toList());
        return kept;
    }

    /** As a part of an object that may have more fields. */
    void fill(
            ValueCursor value, Map<String, @Nullable Object> object, Map<String, Object> kept, ValueConsumer<T> sink) {
        B target = form.start(value.reading);
        form.read(target, value, object, kept);
        offer(value, target, finish, sink);
    }

    /** Checks the fields without building an object. */
    void check(ValueCursor value, Map<String, @Nullable Object> object) {
        B target = form.start(value.reading);
        for (Field<B, ?> field : form.fields) {
            if (object.containsKey(field.name())) {
                field.read(target, value, object, new LinkedHashMap<>());
            }
        }
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return definitions.define(form.name, () -> form.schema(definitions));
    }

    @Override
    String describe(MarkdownReference page) {
        return page.link(form.name, () -> page.table(form));
    }
}
