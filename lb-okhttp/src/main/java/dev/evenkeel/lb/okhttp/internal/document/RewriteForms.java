package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.PathRewrite;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms of a route's changes of paths and headers. */
final class RewriteForms {
    private static final String PRINTABLE = "tabs and printable ASCII";

    static final Type<List<HeaderEdit>> HEADERS = Types.list(
            new TaggedUnionType<>(
                    "edit of headers",
                    edits(),
                    ObjectSchema.of(
                                    "headerEdit",
                                    "A change of a header. Edits are made in their order.",
                                    EditDraft::new)
                            .form(),
                    (chosen, edit) -> chosen.edit = edit,
                    chosen -> chosen.edit),
            0,
            1_000);

    static final Type<PathRewrite> REWRITE = new TaggedUnionType<>(
            "rewriting of paths",
            rewrites(),
            ObjectSchema.of("rewritePath", "What becomes of the path on its way to the backend.", EditDraft::new)
                    .form(),
            (chosen, rewrite) -> chosen.rewrite = rewrite,
            chosen -> chosen.rewrite);

    private RewriteForms() {}

    static HeaderEdit[] array(List<HeaderEdit> edits) {
        return edits.toArray(HeaderEdit[]::new);
    }

    private static Map<String, ObjectType<?, HeaderEdit>> edits() {
        Map<String, ObjectType<?, HeaderEdit>> kinds = new LinkedHashMap<>();
        kinds.put(
                "set",
                valued("headerEdit.set", "takes the place of all headers of the name.")
                        .as(draft -> draft.name == null || draft.value == null
                                ? null
                                : HeaderEdit.set(draft.name, draft.value)));
        kinds.put(
                "add",
                valued("headerEdit.add", "adds the value after existing headers of the name.")
                        .as(draft -> draft.name == null || draft.value == null
                                ? null
                                : HeaderEdit.add(draft.name, draft.value)));
        kinds.put(
                "remove",
                named("headerEdit.remove", "takes all of the name away.")
                        .form()
                        .as(draft -> draft.name == null ? null : HeaderEdit.remove(draft.name)));
        return kinds;
    }

    private static ObjectSchema.Builder<Header> named(String name, String meaning) {
        return ObjectSchema.of(name, meaning, Header::new)
                .required("name", Types.text("a token"), "the header", Header::name);
    }

    private static ObjectSchema<Header> valued(String name, String meaning) {
        return named(name, meaning)
                .required("value", Types.hidden(Types.text(PRINTABLE)), "its value", Header::value)
                .form();
    }

    private static Map<String, ObjectType<?, PathRewrite>> rewrites() {
        Map<String, ObjectType<?, PathRewrite>> kinds = new LinkedHashMap<>();
        kinds.put(
                "prefix",
                ObjectSchema.of("rewritePath.prefix", "something else in the place of a prefix.", Rewrite::new)
                        .required("prefix", Types.text("a path"), "paths without it stay as they are", Rewrite::prefix)
                        .required(
                                "replacement", Types.text("a path"), "`/` takes the prefix away", Rewrite::replacement)
                        .form()
                        .as(draft -> new PathRewrite.Prefix(draft.prefix, draft.replacement)));
        kinds.put(
                "regex",
                ObjectSchema.of("rewritePath.regex", "something else in the place of the first match.", Rewrite::new)
                        .required("regex", Regexes.BOUNDED, "the expression", (draft, regex) -> draft.regex = regex)
                        .required(
                                "replacement",
                                Types.text(),
                                "with `$1` for what the first group matched",
                                (draft, text) -> draft.replacement = text)
                        .form()
                        .as(draft ->
                                draft.regex == null ? null : PathRewrite.regex(draft.regex.text(), draft.replacement)));
        return kinds;
    }

    private static final class EditDraft {
        private @Nullable HeaderEdit edit;
        private @Nullable PathRewrite rewrite;
    }

    /** Name and value are checked one by one: a check of both would quote the value. */
    private static final class Header {
        private @Nullable String name;
        private @Nullable String value;

        void name(String given) {
            name = HeaderEdit.remove(given).name();
        }

        void value(String given) {
            value = HeaderEdit.set("X-Stand-In", given).value();
        }
    }

    private static final class Rewrite {
        private String prefix = "/";
        private String replacement = "/";
        private @Nullable BoundedRegex regex;

        void prefix(String path) {
            PathRewrite unused = new PathRewrite.Prefix(path, "/");
            prefix = path;
        }

        void replacement(String path) {
            PathRewrite unused = new PathRewrite.Prefix("/", path);
            replacement = path;
        }
    }
}
