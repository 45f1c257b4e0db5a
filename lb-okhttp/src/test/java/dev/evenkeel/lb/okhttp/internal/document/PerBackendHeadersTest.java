package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Backend;
import java.util.Map;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;

/** Credentials of a document. */
class PerBackendHeadersTest {
    private final PerBackendHeaders credentials =
            new PerBackendHeaders(Map.of("a:80", Map.of("Authorization", "Bearer geheim", "X-Key", "1")));

    @Test
    void backend_hasItsOwn_andAnotherNone() {
        Headers own = credentials.of(Backend.of("http://a:80"));

        assertThat(own.size()).isEqualTo(2);
        assertThat(own.get("authorization")).isEqualTo("Bearer geheim");
        assertThat(own.get("X-Key")).isEqualTo("1");
        assertThat(credentials.of(Backend.of("http://b:80")).size()).isZero();
    }

    @Test
    void origin_isSchemeHostAndPort_whateverTheId() {
        PerBackendHeaders bound = new PerBackendHeaders(
                Map.of("https://A:443/", Map.of("X-Key", "1"), "https://[fd00::1]", Map.of("X-Key", "2")));

        assertThat(bound.of(Backend.of("https://a")).get("X-Key")).isEqualTo("1");
        assertThat(bound.of(Backend.builder("https://a:443/api").id("one").build())
                        .get("X-Key"))
                .isEqualTo("1");
        assertThat(bound.of(Backend.of("https://[fd00::1]:443")).get("X-Key")).isEqualTo("2");
        assertThat(bound.of(Backend.of("http://a:443")).size())
                .as("another scheme")
                .isZero();
        assertThat(bound.of(Backend.of("https://a:8443")).size())
                .as("another port")
                .isZero();
        assertThat(bound.of(Backend.builder("https://b").id("https://a:443").build())
                        .size())
                .as("an id that looks like an origin")
                .isZero();
    }

    @Test
    void origin_thatIsNone_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PerBackendHeaders(Map.of("https://a/api", Map.of("X-Key", "1"))))
                .withMessage("an origin must be a scheme, a host and a port alone: \"https://a/api\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PerBackendHeaders(Map.of("https://u:geheim@a", Map.of("X-Key", "1"))))
                .withMessageNotContaining("geheim");
    }

    @Test
    void text_namesTheBackends_andNoSecret() {
        assertThat(credentials).hasToString("credentials of [a:80]");
    }

    @Test
    void value_thatIsNone_isRefused_andNotQuoted() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PerBackendHeaders(Map.of("a:80", Map.of("X-Key", "geheim\r\nX: 1"))))
                .withMessageContaining("X-Key")
                .withMessageNotContaining("geheim");
    }
}
