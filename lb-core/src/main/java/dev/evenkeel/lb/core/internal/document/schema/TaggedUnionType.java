package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Objects of several kinds, distinguished by their field {@code type}, with fields that all kinds have.
 *
 * @param <R> what the fields of a kind mean
 * @param <B> what is being built
 * @param <T> what an object means
 */
public final class TaggedUnionType<R, B, T> extends Type<T> {
    private final String what;
    private final Map<String, ObjectType<?, R>> kinds;
    private final ObjectSchema<B> common;
    private final BiConsumer<B, R> choice;
    private final Function<B, @Nullable T> finish;

    /**
     * Describes the kinds.
     *
     * @param what the kind of thing in a few words, such as {@code health check}
     * @param kinds by the word in {@code type}, in the order in which they are listed
     * @param common the form of the common fields
     * @param choice takes the meaning of the kind's fields
     * @param finish builds the object; null if that fails for a reason that has been reported
     */
    public TaggedUnionType(
            String what,
            Map<String, ObjectType<?, R>> kinds,
            ObjectSchema<B> common,
            BiConsumer<B, R> choice,
            Function<B, @Nullable T> finish) {
        this.what = what;
        this.kinds = new LinkedHashMap<>(kinds);
        this.common = common;
        this.choice = choice;
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
        B target = common.start(value.reading);
        ObjectType<?, R> kind = kind(value, object, kept);
        if (kind != null) {
            kind.fill(value, object, kept, (meaning, path) -> choice.accept(target, meaning));
        } else {
            checkAll(value, object);
        }
        common.read(target, value, object, kept);
        if (kind != null) {
            offer(value, target, finish, sink);
        }
        ObjectSchema.refuseUnknown(value, object, known(kind));
        return kept;
    }

    private @Nullable ObjectType<?, R> kind(
            ValueCursor value, Map<String, @Nullable Object> object, Map<String, Object> kept) {
        List<ObjectType<?, R>> found = new ArrayList<>();
        new Field<List<ObjectType<?, R>>, ObjectType<?, R>>(
                        "type", Types.word(what, kinds), Default.REQUIRED, "", (list, kind, path) -> list.add(kind))
                .read(found, value, object, kept);
        return found.isEmpty() ? null : found.get(0);
    }

    /** Checks an object of unknown kind: each field must be valid for the first kind that has such a field. */
    private void checkAll(ValueCursor value, Map<String, @Nullable Object> object) {
        Map<String, @Nullable Object> left = new LinkedHashMap<>(object);
        for (ObjectType<?, R> kind : kinds.values()) {
            kind.check(value, left);
            kind.form.names().forEach(left::remove);
        }
    }

    private List<String> known(@Nullable ObjectType<?, R> kind) {
        List<String> known = new ArrayList<>(List.of("type"));
        for (ObjectType<?, R> one : kind == null ? kinds.values() : List.of(kind)) {
            one.form.names().filter(name -> !known.contains(name)).forEach(known::add);
        }
        common.names().forEach(known::add);
        return known;
    }

    @Override
    Map<String, Object> schema(Definitions definitions) {
        return definitions.define(common.name, () -> {
            List<Object> alternatives = new ArrayList<>();
            kinds.forEach((word, kind) -> {
                Map<String, Object> properties = new LinkedHashMap<>();
                List<String> required = new ArrayList<>(List.of("type"));
                properties.put("type", Map.of("const", word));
                kind.form.describe(definitions, properties, required);
                common.describe(definitions, properties, required);
                alternatives.add(Definitions.object(kind.form.meaning, properties, required));
            });
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("description", common.meaning.replace("`", ""));
            schema.put("oneOf", alternatives);
            return schema;
        });
    }

    @Override
    String describe(MarkdownReference page) {
        return page.link(common.name, () -> page.variants(common, kinds));
    }
}
