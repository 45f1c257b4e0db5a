package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Paths in one spelling, and which paths a route may have. */
class PathsTest {
    @Test
    void unreservedCharacters_areDecoded_andOtherEscapesAreUpperCase() {
        assertThat(Paths.normal("/a%41%7e/%2f%c3%bc")).isEqualTo("/aA~/%2F%C3%BC");
        assertThat(Paths.normal("/100%/%4")).isEqualTo("/100%/%4");
    }

    @Test
    void pathsThatNoRequestHas_areRefused() {
        assertThatThrownBy(() -> Paths.checked("a", "path")).hasMessage("path must begin with a slash: \"a\"");
        assertThatThrownBy(() -> Paths.checked("/a?b", "path")).hasMessageStartingWith("path must have no ? and no #");
        assertThatThrownBy(() -> Paths.checked("/a/%2e%2E/b", "path"))
                .hasMessageStartingWith("path must have no segment . or ..");
        assertThatThrownBy(() -> Paths.checked("/a\nb", "path"))
                .hasMessage("path must have no spaces and control characters: \"/a\uFFFDb\"");
        assertThat(Paths.checked("/ü", "path")).isEqualTo("/%C3%BC");
    }
}
