package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Durations of documents: a number and a unit. */
class DurationTextTest {
    @Test
    void texts_areReadAndWritten() {
        for (String text : new String[] {"0ms", "500ms", "10s", "90s", "5m", "36h", "2d"}) {
            assertThat(DurationText.of(DurationText.parse(text))).isEqualTo(text);
        }
        assertThat(DurationText.of(Duration.ofMillis(60_000))).isEqualTo("1m");
    }

    @Test
    void otherTexts_areRefused() {
        for (String text : new String[] {"", "10", "s", "-1s", "1.5s", "10 s", "1w", "99999999999s"}) {
            assertThatThrownBy(() -> DurationText.parse(text))
                    .hasMessage("must be a duration such as \"500ms\", \"10s\" or \"1m\" (units ms, s, m, h, d): \""
                            + text + "\"");
        }
    }
}
