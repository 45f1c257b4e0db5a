package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.config.ConfigException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** All faults of a document, without its secrets. */
class ErrorCollectorTest {
    @Test
    void faults_areReportedTogether_withoutSecrets() {
        ErrorCollector errors = new ErrorCollector("users.json", Set.of("Hunter2", "ab"));
        errors.throwIfAny();
        errors.add("$.a", "\"x hunter2\"", "must not have hunter2");
        errors.add("$.b", "\"http://me:pw@host\"", "is ab");

        assertThatThrownBy(errors::throwIfAny)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("$.a")
                .hasMessageContaining("$.b")
                .hasMessageContaining("is ab")
                .hasMessageNotContaining("unter2");
    }

    @Test
    void endlessFaults_areCut() {
        ErrorCollector errors = new ErrorCollector("users.json", Set.of());
        for (int i = 0; i < 99; i++) {
            errors.add("$", "", "fault " + i);
        }
        assertThat(errors.count()).isEqualTo(99);
        assertThatThrownBy(() -> errors.add("$", "", "fault 100")).isInstanceOf(ConfigException.class);
    }

    @Test
    void text_isOneShortLine() {
        assertThat(ErrorCollector.clean("a\nb", 10)).isEqualTo("a\\u000ab");
        assertThat(ErrorCollector.clean("a\u202Eb\u2028c\u009Bd", 10)).isEqualTo("a\\u202eb\\u2028c\\u009bd");
        assertThat(ErrorCollector.clean("abcdef", 3)).isEqualTo("abc…");
        assertThat(ErrorCollector.clean("http://me:pw@host", 100)).isEqualTo("http://…@host");
    }
}
