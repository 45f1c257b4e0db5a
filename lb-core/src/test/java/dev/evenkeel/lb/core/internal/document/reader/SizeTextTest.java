package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Sizes of documents: a number and a binary unit. */
class SizeTextTest {
    @Test
    void texts_areReadAndWritten() {
        assertThat(SizeText.parse("64KiB")).isEqualTo(65_536);
        assertThat(SizeText.parse("3GiB")).isEqualTo(3L << 30);
        for (String text : new String[] {"0B", "512B", "1023B", "1KiB", "1536KiB", "2MiB", "4GiB"}) {
            assertThat(SizeText.of(SizeText.parse(text))).isEqualTo(text);
        }
    }

    @Test
    void otherTexts_areRefused() {
        for (String text : new String[] {"", "12", "1KB", "1.5MiB", "-1B", "1kib"}) {
            assertThatThrownBy(() -> SizeText.parse(text)).hasMessageStartingWith("must be a size such as");
        }
    }
}
