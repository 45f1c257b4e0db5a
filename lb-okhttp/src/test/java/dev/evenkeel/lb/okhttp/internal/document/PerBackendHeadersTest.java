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
