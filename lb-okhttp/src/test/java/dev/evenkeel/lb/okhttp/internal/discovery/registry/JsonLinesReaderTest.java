package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;

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
}
