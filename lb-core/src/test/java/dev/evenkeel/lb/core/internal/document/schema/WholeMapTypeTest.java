package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WholeMapTypeTest {
    private static final WholeMapType<String> TYPE = new WholeMapType<>(new MapEntriesType<>(Types.text(), "header"));

    @Test
    void map_isPassedOnOnce_inItsOrder_withoutTheRefused() {
        Map<String, Object> written = new LinkedHashMap<>();
        written.put("z", "1");
        written.put("m", 2);
        written.put("a", "3");
        TypeReading<Map<String, String>> read = TypeReading.of(TYPE, written);
        assertThat(read.meanings).hasSize(1);
        assertThat(read.meanings.get(0)).containsExactly(Map.entry("z", "1"), Map.entry("a", "3"));
        assertThat(read.faults).containsExactly("$.m: must be a string: 2");
    }
}
