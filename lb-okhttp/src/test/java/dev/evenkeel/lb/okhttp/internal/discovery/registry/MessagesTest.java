package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Texts of registries are bounded in messages; secrets are checked and not quoted. */
class MessagesTest {
    @Test
    void text_isBoundedAndPrintable() {
        assertThat(Messages.quoted("a\nb")).isEqualTo("a\uFFFDb");
        assertThat(Messages.quoted("x".repeat(5_000))).hasSize(4_097);
    }

    @Test
    void secret_isStripped_andNeverQuoted() {
        assertThat(Messages.secret("token", " abc\n")).isEqualTo("abc");
        assertThatThrownBy(() -> Messages.secret("token", "geheim\u0007"))
                .hasMessage("token must be of visible ASCII characters");
        assertThatThrownBy(() -> Messages.secret("token", " ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Messages.name("service", " ")).hasMessageStartingWith("service must not be blank");
    }
}
