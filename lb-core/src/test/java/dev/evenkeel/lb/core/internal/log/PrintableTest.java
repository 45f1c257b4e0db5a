package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Text from outside is bounded, and moves no cursor. */
class PrintableTest {
    @Test
    void harmlessText_isKept() {
        assertThat(Printable.of("Grüße, 世界 \uD83D\uDE00", 100)).isEqualTo("Grüße, 世界 \uD83D\uDE00");
    }

    @Test
    void controlAndFormatCharacters_areReplaced() {
        assertThat(Printable.of("a\r\nb\u001b[2Jc\u202Ed\u2028e\u0000", 100))
                .isEqualTo("a\uFFFD\uFFFDb\uFFFD[2Jc\uFFFDd\uFFFDe\uFFFD");
        assertThat(Printable.of("\uD83D alone", 100)).isEqualTo("\uFFFD alone");
    }

    @Test
    void longText_isCut_andNoCharacterInTwo() {
        assertThat(Printable.of("abcdef", 3)).isEqualTo("abc…");
        assertThat(Printable.of("ab\uD83D\uDE00", 3)).isEqualTo("ab…");
        assertThat(Printable.of("a\nbcd", 2)).isEqualTo("a\uFFFD…");
    }
}
