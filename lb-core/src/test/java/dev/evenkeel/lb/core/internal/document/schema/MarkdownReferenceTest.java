package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownReferenceTest {
    @Test
    void eachForm_hasOneSectionWithARowForEachField() {
        Type<String> inner = ObjectSchema.of("in.ner", "Inside.", StringBuilder::new)
                .required("a", Types.text(), "this | that", (text, value) -> text.append(value))
                .form()
                .as(StringBuilder::toString);
        ObjectSchema<List<Object>> root = ObjectSchema.<List<Object>>of("Outer", "Outside.", ArrayList::new)
                .optional("first", inner, Default.text("none"), "one", List::add)
                .optional("second", inner, Default.text("none"), "two", List::add)
                .form();
        assertThat(MarkdownReference.of(root)).isEqualTo("""
                ### Outer

                Outside.

                | field | type | default | meaning |
                |---|---|---|---|
                | `first` | [in.ner](#inner) | none | one |
                | `second` | [in.ner](#inner) | none | two |

                ### in.ner

                Inside.

                | field | type | default | meaning |
                |---|---|---|---|
                | `a` | string | required | this \\| that |
                """);
    }
}
