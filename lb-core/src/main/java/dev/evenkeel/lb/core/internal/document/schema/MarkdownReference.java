package dev.evenkeel.lb.core.internal.document.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Builds the reference page: a table for each form, in the order in which they are first mentioned. */
final class MarkdownReference {
    private final Map<String, String> sections = new LinkedHashMap<>();

    private MarkdownReference() {}

    /** Every form that can be reached from one form, as Markdown. */
    static String of(ObjectSchema<?> root) {
        MarkdownReference page = new MarkdownReference();
        page.link(root.name, () -> page.table(root));
        StringBuilder text = new StringBuilder();
        page.sections.forEach((name, section) -> text.append(text.length() == 0 ? "" : "\n")
                .append("### ")
                .append(name)
                .append("\n\n")
                .append(section));
        return text.toString();
    }

    /** A link to a form's section, which is created if it does not exist yet. */
    String link(String name, Supplier<String> section) {
        if (!sections.containsKey(name)) {
            sections.put(name, "");
            sections.put(name, section.get());
        }
        return "[" + name + "](#"
                + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-') + ")";
    }

    String table(ObjectSchema<?> form) {
        return form.meaning + "\n\n" + rows(form);
    }

    <R> String variants(ObjectSchema<?> common, Map<String, ObjectType<?, R>> kinds) {
        List<String> parts = new ArrayList<>();
        parts.add(common.meaning + "\n");
        kinds.forEach((word, kind) -> parts.add("`\"type\": \"" + word + "\"`: " + kind.form.meaning + "\n"
                + (kind.form.fields.isEmpty() ? "" : "\n" + rows(kind.form))));
        if (!common.fields.isEmpty()) {
            parts.add("Every type:\n\n" + rows(common));
        }
        return String.join("\n", parts);
    }

    private String rows(ObjectSchema<?> form) {
        StringBuilder rows = new StringBuilder("| field | type | default | meaning |\n|---|---|---|---|\n");
        for (Field<?, ?> field : form.fields) {
            rows.append("| `")
                    .append(field.name())
                    .append("` | ")
                    .append(cell(field.type().describe(this)))
                    .append(" | ")
                    .append(cell(field.otherwise().describe()))
                    .append(" | ")
                    .append(cell(field.meaning()))
                    .append(" |\n");
        }
        return rows.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
