package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import okio.Buffer;
import org.junit.jupiter.api.Test;

/** The lines of a stream. */
class JsonLinesReaderTest {
    @Test
    void lines_areReadOneByOne_andAnUnfinishedOneIsNone() throws Exception {
        JsonLinesReader lines = new JsonLinesReader(new Buffer().writeUtf8("{}\n\n{\"a\":1}\n{"));

        assertThat(lines.next()).asString().isEqualTo("{}");
        assertThat(lines.next()).isEmpty();
        assertThat(lines.hasMore()).isTrue();
        assertThat(lines.next()).asString().isEqualTo("{\"a\":1}");
        assertThat(lines.next()).isNull();
    }

    @Test
    void blankLinesWithoutAnEnd_areRefused() throws Exception {
        Buffer blanks =
                new Buffer().writeUtf8("\n".repeat(JsonLinesReader.MAX_BLANK_LINES) + "{}\n" + "\n".repeat(20_000));
        JsonLinesReader lines = new JsonLinesReader(blanks);
        for (int i = 0; i < JsonLinesReader.MAX_BLANK_LINES; i++) {
            assertThat(lines.next()).isEmpty();
        }
        assertThat(lines.next()).asString().isEqualTo("{}");
        for (int i = 0; i < JsonLinesReader.MAX_BLANK_LINES; i++) {
            assertThat(lines.next()).isEmpty();
        }

        assertThatThrownBy(lines::next)
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessage("a stream must not have more than 10000 blank lines in a row");
    }
}
