package dev.evenkeel.lb.okhttp.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** How a cookie names a backend. */
class SessionCookieTest {
    @Test
    void copies_keepTheOtherValues() {
        SessionCookie cookie = SessionCookie.of("SRV").byMetadata("instance").in(SessionCookie.ValuePart.AFTER_DOT);

        assertThat(cookie.metadataKey()).isEqualTo("instance");
        assertThat(cookie.byUriHash())
                .isEqualTo(new SessionCookie(
                        "SRV", SessionCookie.Naming.URI_HASH, null, SessionCookie.ValuePart.AFTER_DOT));
    }

    @Test
    void metadataKey_goesWithMetadata() {
        assertThatThrownBy(() -> SessionCookie.of("SRV").byMetadata(null))
                .hasMessageStartingWith("session cookie must have a metadata key if, and only if");
        assertThatThrownBy(() -> SessionCookie.of("a b")).isInstanceOf(IllegalArgumentException.class);
    }
}
