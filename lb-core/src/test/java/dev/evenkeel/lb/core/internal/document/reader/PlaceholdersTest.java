package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceholdersTest {
    private final Placeholders placeholders =
            new Placeholders(Map.of("HOST", "h", "NESTED", "${HOST}", "LONG", "x".repeat(60_000))::get);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ${HOST}:${PORT:80}  | h:80
            ${NESTED}           | ${HOST}
            $${HOST}            | ${HOST}
            ${NONE:a}b}         | ab}
            plain $ text        | plain $ text
            """)
    void placeholders_areReplacedOnce(String text, String expected) {
        assertThat(placeholders.expand(text)).isEqualTo(expected);
    }

    @Test
    void malformedOnes_areRefused() {
        assertThatThrownBy(() -> placeholders.expand("a${HOST")).hasMessageEndingWith("one does not end");
        assertThatThrownBy(() -> placeholders.expand("${1A}"))
                .hasMessageContaining("with a name of letters")
                .hasMessageEndingWith("\"1A\"");
        assertThatThrownBy(() -> placeholders.expand("${NONE}"))
                .hasMessage("environment variable NONE is not set, and there is no default; set it, or write"
                        + " ${NONE:default}");
    }

    @Test
    void lengths_areBounded_ofOneTextAndOfAll() {
        assertThatThrownBy(() -> placeholders.expand("${LONG}${LONG}"))
                .hasMessage("must have at most 65536 characters with its placeholders replaced");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        placeholders.expand("${LONG}");
                    }
                })
                .hasMessage("must have at most 4194304 characters in all with its placeholders replaced");
    }

    @Test
    void valuesOfTheEnvironment_areKnown_defaultsAreNot() {
        placeholders.expand("${HOST}${NONE:default}");
        assertThat(placeholders.given()).containsExactly("h");
    }
}
