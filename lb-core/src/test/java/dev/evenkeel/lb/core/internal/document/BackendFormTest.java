package dev.evenkeel.lb.core.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A backend in a document: written, and read again. */
class BackendFormTest {
    @Test
    void backendWithDefaults_isItsUri() {
        assertThat(BackendForm.write(Backend.of("http://a:1/x"))).isEqualTo("http://a:1/x");
    }

    @Test
    void otherFields_areWrittenIfTheyDifferFromTheDefaults() {
        Backend backend = Backend.builder("http://a:1")
                .id("one")
                .weight(3)
                .zone("z")
                .metadata("cost", "${5}")
                .build();
        assertThat(BackendForm.write(backend))
                .isEqualTo(Map.of(
                        "uri",
                        "http://a:1",
                        "id",
                        "one",
                        "weight",
                        3,
                        "zone",
                        "z",
                        "metadata",
                        Map.of("cost", "$${5}")));
    }

    @Test
    void whatIsWritten_isReadAgain() throws IOException {
        Backend backend = Backend.builder("https://a:1/p")
                .priority(2)
                .maxInFlight(9)
                .metadata("cost", "${5}")
                .build();
        byte[] text = new ObjectMapper().writeValueAsBytes(Map.of("backends", List.of(BackendForm.write(backend))));
        assertThat(BackendsForm.read("test", text)).containsExactly(backend);
    }
}
