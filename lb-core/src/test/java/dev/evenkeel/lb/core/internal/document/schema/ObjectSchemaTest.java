package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fields, and what is said of those that are missing or unknown. */
class ObjectSchemaTest {
    private static final ObjectSchema<Map<String, Object>> FORM = ObjectSchema.<Map<String, Object>>of(
                    "pair", "A `pair`.", LinkedHashMap::new)
            .required("left", Types.text(), "the left", (map, value) -> map.put("left", value))
            .optional("right", Types.integer(0, 9), 4, "the right", (map, value) -> map.put("right", value))
            .form();

    @Test
    void missingRequiredField_andUnknownField_areFaults() {
        TypeReading<Map<String, Object>> read = TypeReading.of(FORM.as(map -> map), Map.of("rihgt", 1));
        assertThat(read.faults)
                .containsExactlyInAnyOrder(
                        "$.left: is required", "$.rihgt: unknown field; expected one of left, right");
    }

    @Test
    void valueOfAnUnknownField_isNotQuoted_sinceItMayBeASecret() {
        ReadContext reading = new ReadContext("users.json", name -> null, null);
        ValueCursor value = ValueCursor.of("$", Map.of("left", "x", "pasword", "hunter2"), reading);
        FORM.as(map -> map).read(value, (meaning, path) -> {});

        assertThatThrownBy(reading.faults::throwIfAny)
                .hasMessageContaining("$.pasword: unknown field")
                .hasMessageNotContaining("hunter2")
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.faults().get(0).value()).isEqualTo("…"));
    }

    @Test
    void setterThatRefuses_isAFaultOfItsField_andTheObjectIsBuiltAllTheSame() {
        ObjectSchema<Map<String, Object>> strict = ObjectSchema.<Map<String, Object>>of(
                        "strict", "Strict.", LinkedHashMap::new)
                .required("left", Types.text(), "the left", (map, value) -> {
                    throw new IllegalArgumentException("no " + value);
                })
                .form();
        TypeReading<Map<String, Object>> read = TypeReading.of(strict.as(map -> map), Map.of("left", "x"));
        assertThat(read.faults).containsExactly("$.left: no x");
        assertThat(read.meanings).containsExactly(Map.of());
    }

    @Test
    void finish_thatReturnsNull_passesNothingOn() {
        assertThat(TypeReading.of(FORM.<String>as(map -> null), Map.of("left", "x")).meanings)
                .isEmpty();
    }
}
