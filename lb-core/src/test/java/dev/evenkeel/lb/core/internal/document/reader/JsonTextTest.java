package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** JSON text becomes plain objects and back; what is malformed is named with its position. */
class JsonTextTest {
    private static Object parse(String text) throws JsonText.MalformedException {
        return JsonText.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void text_becomesPlainObjects_andBack() throws Exception {
        Object tree = parse("{\"a\": [1, true, null, \"x\"]}");

        assertThat((List<?>) ((Map<?, ?>) tree).get("a")).hasSize(4);
        assertThat(JsonText.compact(tree)).isEqualTo("{\"a\":[1,true,null,\"x\"]}");
        assertThat(JsonText.pretty(Map.of("a", List.of(1)))).isEqualTo("{\n  \"a\" : [\n    1\n  ]\n}\n");
    }

    @Test
    void malformedText_isRefused_withItsPosition() {
        assertThatThrownBy(() -> parse("{\n\"a\": 1, \"a\": 2}"))
                .isInstanceOf(JsonText.MalformedException.class)
                .hasMessageStartingWith("is not JSON at line 2, column ")
                .hasMessageContaining("Duplicate field 'a'");
        assertThatThrownBy(() -> parse("{\"password\": hunter2}"))
                .hasMessageContaining("Unrecognized token: was expecting")
                .hasMessageNotContaining("hunter");
        assertThatThrownBy(() -> parse("{} {}")).hasMessageStartingWith("is not JSON");
        assertThatThrownBy(() -> parse("")).hasMessage("must be an object: there is nothing");
    }
}
