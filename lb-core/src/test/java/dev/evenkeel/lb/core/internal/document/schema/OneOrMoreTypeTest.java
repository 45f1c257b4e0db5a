package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OneOrMoreTypeTest {
    private static final Type<List<Integer>> TYPE = Types.oneOrMore(Types.integer(1, 9), 3);

    @Test
    void oneValue_isAListOfOne_andKeptAsSuch() {
        assertThat(TypeReading.of(TYPE, 5).meanings).containsExactly(List.of(5));
        assertThat(TypeReading.of(TYPE, 5).kept()).isEqualTo(5);
        assertThat(TypeReading.of(TYPE, List.of(5)).kept()).isEqualTo(5);
        assertThat(TypeReading.of(TYPE, List.of(5, 6)).kept()).isEqualTo(List.of(5, 6));
    }

    @Test
    void listWhoseElementsAreAllRefused_isNotPassedOn() {
        TypeReading<List<Integer>> read = TypeReading.of(TYPE, List.of("x"));
        assertThat(read.meanings).isEmpty();
        assertThat(read.faults).hasSize(1);
    }
}
