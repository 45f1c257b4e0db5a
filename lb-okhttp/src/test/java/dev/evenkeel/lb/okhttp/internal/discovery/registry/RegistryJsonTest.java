package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers of registries as JSON: what is not as it must be is refused. */
class RegistryJsonTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void longArrays_areReadElementByElement_andKnownOtherFieldsKept() throws Exception {
        List<Integer> elements = new ArrayList<>();
        JsonNode others = RegistryJson.object(
                new ByteArrayInputStream(bytes("{\"more\": 1, \"items\": [1, 2], \"b\": {}}")),
                Map.of("items", element -> elements.add(element.intValue())));

        assertThat(elements).containsExactly(1, 2);
        assertThat(others.path("more").intValue()).isEqualTo(1);
        assertThat(others.has("b")).isFalse();
        assertThat(others.has("items")).isFalse();
    }

    @Test
    void answersOfAnotherForm_areRefused() {
        assertThatThrownBy(() -> RegistryJson.object(bytes("[]"))).hasMessage("an answer must be one JSON object");
        assertThatThrownBy(() -> RegistryJson.object(bytes("{} {}"))).hasMessage("an answer must be one JSON object");
        assertThatThrownBy(() -> RegistryJson.object(bytes("{")))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessageStartingWith("the answer is not JSON: ");
        assertThatThrownBy(() -> RegistryJson.array(new ByteArrayInputStream(bytes("[1,")), element -> {}))
                .isInstanceOf(MalformedAnswerException.class);
    }

    @Test
    void values_haveTheTypeThatTheyMustHave() throws Exception {
        JsonNode object = RegistryJson.object(bytes("{\"s\": \"x\", \"n\": 3, \"f\": 1.5, \"null\": null}"));

        assertThat(RegistryJson.text(object, "s")).isEqualTo("x");
        assertThat(RegistryJson.text(object, "null")).isEmpty();
        assertThat(RegistryJson.integer(object, "n", 9)).isEqualTo(3);
        assertThat(RegistryJson.integer(object, "missing", 9)).isEqualTo(9);
        assertThatThrownBy(() -> RegistryJson.text(object, "n")).hasMessage("n must be a string: 3");
        assertThatThrownBy(() -> RegistryJson.integer(object, "f", 0)).hasMessage("f must be a whole number: 1.5");
    }

    private static byte[] many(String before, String value, int number, String after) {
        return bytes(before + (value + ",").repeat(number - 1) + value + after);
    }

    @Test
    void treeOfMoreThanAMillionValues_isRefused() throws Exception {
        int most = RegistryJson.MAX_VALUES;
        assertThat(RegistryJson.object(many("{\"a\":[", "0", most - 2, "]}")).path("a"))
                .hasSize(most - 2);
        for (String value : List.of("0", "[]", "{}", "\"\"", "null")) {
            byte[] whole = many("{\"a\":[", value, most - 1, "]}");
            assertThatThrownBy(() -> RegistryJson.object(whole))
                    .isInstanceOf(MalformedAnswerException.class)
                    .hasMessage("an object must have at most 1000000 values");
            byte[] element = many("{\"items\":[[", value, most + 1, "]]}");
            assertThatThrownBy(
                            () -> RegistryJson.object(new ByteArrayInputStream(element), Map.of("items", each -> {})))
                    .hasMessage("an object must have at most 1000000 values");
        }
    }

    @Test
    void unknownFields_areSkipped_howeverManyValuesTheyHave() throws Exception {
        byte[] text = many("{\"extra\":[", "[]", 1_100_000, "],\"more\":true}");

        JsonNode others = RegistryJson.object(new ByteArrayInputStream(text), Map.of());

        assertThat(others.toString()).isEqualTo("{\"more\":true}");
    }
}
