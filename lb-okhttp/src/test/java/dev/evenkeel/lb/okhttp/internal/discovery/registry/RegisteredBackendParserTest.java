package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A backend as a key of a registry has it. */
class RegisteredBackendParserTest {
    private static Backend read(String text) {
        return RegisteredBackendParser.read(text.getBytes(StandardCharsets.UTF_8), "https", true);
    }

    @Test
    void hostAndPort_uri_orObject() {
        assertThat(read(" a:1 \n").uri()).hasToString("https://a:1");
        assertThat(read("http://a:1").uri()).hasToString("http://a:1");
        Backend backend = read("{\"uri\": \"http://a:1\", \"id\": \"x\", \"weight\": 3, \"zone\": \"z\","
                + " \"metadata\": {\"version\": \"2\"}}");
        assertThat(backend.id()).isEqualTo("x");
        assertThat(backend.weight()).isEqualTo(3);
        assertThat(backend.zone()).isEqualTo("z");
        assertThat(backend.metadata()).containsEntry("version", "2");
    }

    @Test
    void otherTexts_areRefused() {
        assertThatThrownBy(() -> read("{\"uri\": \"http://a:1\", \"wieght\": 3}"))
                .hasMessageStartingWith("unknown field \"wieght\"; expected one of id, maxInFlight");
        assertThatThrownBy(() -> read("{\"uri\": 3}")).hasMessage("uri must be a string: 3");
        assertThatThrownBy(() -> read("a".repeat(2_049))).hasMessageContaining("at most 2048 characters");
    }

    @Test
    void idOfAnotherAddress_isRefused_unlessIdsMayBeNamed() {
        byte[] claim = "{\"uri\": \"http://evil:1\", \"id\": \"a:1\"}".getBytes(StandardCharsets.UTF_8);
        byte[] own = "{\"uri\": \"http://a:1/api\", \"id\": \"a:1/api\"}".getBytes(StandardCharsets.UTF_8);

        assertThat(RegisteredBackendParser.read(claim, "http", true).id()).isEqualTo("a:1");
        assertThat(RegisteredBackendParser.read(own, "http", false).id()).isEqualTo("a:1/api");
        assertThatThrownBy(() -> RegisteredBackendParser.read(claim, "http", false))
                .hasMessage("id must be that of the address, \"evil:1\", unless the source has namedIds: \"a:1\"");
    }
}
