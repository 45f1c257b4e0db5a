package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ListTypeTest {
    private static final ListType<Integer> TYPE = new ListType<>(Types.integer(1, 9), 1, 3);

    @Test
    void elements_arePassedOnOneByOne_withoutTheRefused() {
        TypeReading<Integer> read = TypeReading.of(TYPE, List.of(1, "x", 3));
        assertThat(read.meanings).containsExactly(1, 3);
        assertThat(read.kept()).isEqualTo(List.of(1, 3));
        assertThat(read.faults).containsExactly("$[1]: must be a whole number: \"x\"");
    }

    @Test
    void size_isBounded() {
        assertThat(TypeReading.of(TYPE, List.of()).faults).containsExactly("$: must have at least one element");
        assertThat(TypeReading.of(TYPE, List.of(1, 2, 3, 4)).faults)
                .containsExactly("$: must have at most 3 elements: it has 4");
        assertThat(TypeReading.of(new ListType<>(Types.text(), 2, 3), List.of("a")).faults)
                .containsExactly("$: must have at least 2 elements");
    }

    @Test
    void anythingElse_isNoArray() {
        TypeReading<Integer> read = TypeReading.of(TYPE, 1);
        assertThat(read.faults).containsExactly("$: must be an array: 1");
        assertThat(read.kept()).isNull();
    }
}
