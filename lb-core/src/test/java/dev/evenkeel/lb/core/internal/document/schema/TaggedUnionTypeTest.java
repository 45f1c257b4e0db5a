package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Objects whose field "type" says which other fields there are. */
class TaggedUnionTypeTest {
    private static final class Draft {
        private String kind = "";
        private int size;

        @Nullable
        String build() {
            return kind + size;
        }
    }

    private static ObjectType<?, String> kind(String field) {
        return ObjectSchema.of("thing." + field, "A kind.", StringBuilder::new)
                .required(field, Types.text(), "its own", (text, value) -> text.append(value))
                .form()
                .as(StringBuilder::toString);
    }

    private static final Type<String> TYPE = new TaggedUnionType<>(
            "thing",
            Map.of("round", kind("radius"), "square", kind("side")),
            ObjectSchema.of("thing", "A thing.", Draft::new)
                    .optional("size", Types.integer(0, 9), 0, "of all", (draft, size) -> draft.size = size)
                    .form(),
            (draft, own) -> draft.kind = own,
            Draft::build);

    @Test
    void fieldsOfTheKind_andOfAllKinds_areRead() {
        assertThat(TypeReading.of(TYPE, Map.of("type", "round", "radius", "r", "size", 3)).meanings)
                .containsExactly("r3");
    }

    @Test
    void fieldOfAnotherKind_isUnknown() {
        List<String> faults = TypeReading.of(TYPE, Map.of("type", "round", "radius", "r", "side", "s")).faults;
        assertThat(faults).containsExactly("$.side: unknown field; expected one of type, radius, size");
    }

    @Test
    void objectWithoutAKnownType_isNotPassedOn_butItsFieldsAreChecked() {
        TypeReading<String> read = TypeReading.of(TYPE, Map.of("radius", 7, "size", 99.5));
        assertThat(read.meanings).isEmpty();
        assertThat(read.faults)
                .containsExactlyInAnyOrder(
                        "$.type: is required", "$.radius: must be a string: 7", "$.size: must be a whole number: 99.5");
        assertThat(TypeReading.of(TYPE, Map.of("type", "flat")).faults.get(0))
                .startsWith("$.type: unknown thing \"flat\"");
    }
}
