package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Bad arguments are refused with the rule and the value, and secrets are not quoted. */
class PreconditionsTest {
    @Test
    void badValues_areNamed() {
        assertThatThrownBy(() -> Preconditions.notNull(null, "x")).hasMessage("x must not be null");
        assertThatThrownBy(() -> Preconditions.notBlank(" ", "x")).hasMessage("x must not be blank");
        assertThatThrownBy(() -> Preconditions.token("a b", "x")).hasMessageEndingWith(": \"a b\"");
        assertThatThrownBy(() -> Preconditions.noControl("a\tb", "x"))
                .hasMessage("x must have no control characters: \"a\uFFFDb\"");
        assertThatThrownBy(() -> Preconditions.within(5, 1, 4, "x")).hasMessage("x must be 1..4: 5");
        assertThatThrownBy(() -> Preconditions.duration(Duration.ZERO, "x"))
                .hasMessage("x must be 1 ms to 24 hours: PT0S");
    }

    @Test
    void headerValue_isNotQuoted() {
        assertThat(Preconditions.headerValue("a\tb~", "X")).isEqualTo("a\tb~");
        assertThatThrownBy(() -> Preconditions.headerValue("secret\n", "X"))
                .hasMessageContaining("it has U+000A at 6")
                .hasMessageNotContaining("secret");
    }
}
