package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StringOrObjectTypeTest {
    private static final Type<String> TYPE = Types.either(
            Types.text(),
            ObjectSchema.of("thing", "A thing.", StringBuilder::new)
                    .required(
                            "name",
                            Types.text(),
                            "its name",
                            (text, name) -> text.append("object ").append(name))
                    .form()
                    .as(StringBuilder::toString));

    @Test
    void kindOfTheValue_decides() {
        assertThat(TypeReading.of(TYPE, "a").meanings).containsExactly("a");
        assertThat(TypeReading.of(TYPE, Map.of("name", "a")).meanings).containsExactly("object a");
        assertThat(TypeReading.of(TYPE, 7).faults).containsExactly("$: must be a string or an object: 7");
    }
}
