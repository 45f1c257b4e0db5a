package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MapEntriesTypeTest {
    private static final MapEntriesType<Integer> TYPE = new MapEntriesType<>(Types.integer(0, 9), "zone");

    @Test
    void entries_arePassedOnOneByOne_withTheirPaths() {
        TypeReading<Map.Entry<String, Integer>> read =
                TypeReading.of(TYPE, new TreeMap<>(Map.of("a", 1, "b c", "x", "d", 3)));
        assertThat(read.meanings).containsExactly(Map.entry("a", 1), Map.entry("d", 3));
        assertThat(read.faults).containsExactly("$['b c']: must be a whole number: \"x\"");
        assertThat(read.kept()).isEqualTo(Map.of("a", 1, "d", 3));
    }

    @Test
    void objectOfTooManyFields_isRefusedAsAWhole() {
        Map<String, Object> many = new LinkedHashMap<>();
        IntStream.rangeClosed(0, 10_000).forEach(i -> many.put("f" + i, 1));
        TypeReading<Map.Entry<String, Integer>> read = TypeReading.of(TYPE, many);
        assertThat(read.meanings).isEmpty();
        assertThat(read.faults).containsExactly("$: must have at most 10000 fields: it has 10001");
    }

    @Test
    void anythingElse_isNoObject() {
        assertThat(TypeReading.of(TYPE, List.of()).faults).containsExactly("$: must be an object: []");
    }
}
