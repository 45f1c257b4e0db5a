package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WholeListTypeTest {
    private static final WholeListType<String> TYPE = new WholeListType<>(new ListType<>(Types.text(), 0, 3));

    @Test
    void list_isPassedOnOnce_withoutTheRefusedElements() {
        TypeReading<List<String>> read = TypeReading.of(TYPE, List.of("a", 1, "b"));
        assertThat(read.meanings).containsExactly(List.of("a", "b"));
        assertThat(read.kept()).isEqualTo(List.of("a", "b"));
    }

    @Test
    void noArray_isNotPassedOn() {
        TypeReading<List<String>> read = TypeReading.of(TYPE, "a");
        assertThat(read.meanings).isEmpty();
        assertThat(read.faults).containsExactly("$: must be an array: \"a\"");
    }
}
