package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The form of one backend: its URI, or an object. */
final class BackendForm {
    static final Type<Backend> TYPE = Types.either(
            Types.parsed("a URI", Backend::of, backend -> backend.uri().toString()),
            ObjectSchema.of("backend", "One replica.", BackendDraft::new)
                    .required(
                            "uri",
                            Types.text("a URI"),
                            "where it is, such as `http://10.0.0.1:8080`; the path of an `http` URI is put before the path of"
                                    + " every request",
                            BackendDraft::uri)
                    .optional(
                            "id",
                            Types.text(),
                            Default.text("`host:port` and the path"),
                            "what its state is kept under; unique in its pool",
                            BackendDraft::id)
                    .optional(
                            "weight",
                            Types.integer(1, Backend.MAX_WEIGHT),
                            1,
                            "its share of the traffic, relative to the other backends",
                            (draft, weight) -> draft.backend.weight(weight))
                    .optional(
                            "priority",
                            Types.integer(0, Backend.MAX_PRIORITY),
                            0,
                            "its tier: 0 is used first",
                            (draft, priority) -> draft.backend.priority(priority))
                    .optional(
                            "zone",
                            Types.text(),
                            Default.text("none"),
                            "where it runs",
                            (draft, zone) -> draft.backend.zone(zone))
                    .optional(
                            "maxInFlight",
                            Types.integer(1, Integer.MAX_VALUE),
                            Default.text("no limit"),
                            "most calls at one time",
                            (draft, most) -> draft.backend.maxInFlight(most))
                    .optional(
                            "metadata",
                            Types.entries(Types.text(), "key"),
                            Default.text("none"),
                            "what else is known of it",
                            (draft, entry) -> draft.backend.metadata(entry.getKey(), entry.getValue()))
                    .form()
                    .as(BackendDraft::build));

    private BackendForm() {}

    /** The document form of a backend that no document contains. */
    static Object write(Backend backend) {
        Backend plain = Backend.builder(backend.uri()).build();
        Map<String, Object> fields = new LinkedHashMap<>();
        URI uri = backend.uri();
        fields.put("uri", uri.toString());
        putUnless(plain.id(), fields, "id", backend.id());
        putUnless(1, fields, "weight", backend.weight());
        putUnless(0, fields, "priority", backend.priority());
        putUnless(null, fields, "zone", backend.zone());
        putUnless(Integer.MAX_VALUE, fields, "maxInFlight", backend.maxInFlight());
        putUnless(Map.of(), fields, "metadata", backend.metadata());
        return fields.size() == 1 ? uri.toString() : fields;
    }

    private static void putUnless(
            @Nullable Object plain, Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null && !value.equals(plain)) {
            fields.put(name, escaped(value));
        }
    }

    /** Escapes text that looks like a placeholder but is none. */
    private static Object escaped(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new TreeMap<>();
            map.forEach((key, text) -> copy.put((String) key, escaped(text)));
            return copy;
        }
        return value instanceof String text ? text.replace("${", "$${") : value;
    }

    private static final class BackendDraft {
        private Backend.Builder backend = Backend.builder("http://stand-in.invalid");
        private boolean hasId;

        /** If the URI is refused, a substitute stays, so that the other settings are checked all the same. */
        void uri(String uri) {
            backend = Backend.builder(uri);
            hasId = true;
        }

        void id(String id) {
            backend.id(id);
            hasId = true;
        }

        /** Null without an id because the URI is refused. */
        @Nullable
        Backend build() {
            return hasId ? backend.build() : null;
        }
    }
}
