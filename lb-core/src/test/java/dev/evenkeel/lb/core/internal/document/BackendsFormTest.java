package dev.evenkeel.lb.core.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendsFormTest {
    private static List<Backend> read(String json) {
        return BackendsForm.read("list.json", json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void backends_areReadInTheirOrder() {
        assertThat(read("{\"backends\": [\"http://b:1\", {\"uri\": \"http://a:1\", \"weight\": 2}]}"))
                .containsExactly(
                        Backend.of("http://b:1"), Backend.of("http://a:1").withWeight(2));
    }

    @Test
    void duplicateIds_areAFaultOfTheSecond() {
        assertThatThrownBy(() -> read("{\"backends\": [\"http://a:1\", \"https://a:1\"]}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("list.json")
                .hasMessageContaining("$.backends[1]")
                .hasMessageContaining("duplicate backend id \"a:1\"; the first is $.backends[0]");
    }

    @Test
    void environmentOfTheProcess_isNotReadable() {
        assertThatThrownBy(() -> read("{\"backends\": [\"http://${PATH}:1\"]}"))
                .hasMessageContaining("environment variable PATH is not set");
    }
}
