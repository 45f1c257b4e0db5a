package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholdersTest {
    private final Placeholders placeholders = new Placeholders(
            Map.of("HOST", "h", "NESTED", "${HOST}", "LONG", "x".repeat(60_000))::get, new SecretFiles());

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ${HOST}:${PORT:80}  | h:80
            ${NESTED}           | ${HOST}
            $${HOST}            | ${HOST}
            ${NONE:a}b}         | ab}
            plain $ text        | plain $ text
            ${NONE:{"a":{}}}    | {"a":{}}
            ${NONE:${HOST}}     | h
            ${NONE:a${NO:b}}c   | abc
            ${NONE:$${HOST}}    | ${HOST}
            ${HOST:{x}}y        | hy
            ${NONE:}z           | z
            ${NONE:a:-b}        | a:-b
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
    void shellsDefault_isRefused_withoutTheDefault() {
        assertThatThrownBy(() -> placeholders.expand("${HOST:-secret}"))
                .hasMessage(
                        "placeholder must not have the shell's form ${HOST:-default}, since the dash would be part of"
                                + " the default; write ${HOST:default}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=", "?", "+"})
    void shellsOtherForms_areRefused_withoutTheirText(String operator) {
        assertThatThrownBy(() -> placeholders.expand("${HOST:" + operator + "secret}"))
                .hasMessage("placeholder must not have the shell's form ${HOST:" + operator
                        + "…}; write ${HOST:default}, or ${HOST} for one that must be set");
    }

    @Test
    void bracesThatDoNotMatch_areRefused() {
        assertThatThrownBy(() -> placeholders.expand("${NONE:{}"))
                .hasMessage(
                        "placeholder must be ${NAME}, ${NAME:default} or ${file:/path}, with as many braces that close"
                                + " as open; to have the text ${, write $${: one does not end");
    }

    @Test
    void nesting_isBounded() {
        String deep = "${NONE:".repeat(50) + "x" + "}".repeat(50);

        assertThatThrownBy(() -> placeholders.expand(deep)).hasMessageContaining("at most 10 deep");
        assertThat(placeholders.expand("${NONE:".repeat(10) + "x" + "}".repeat(10)))
                .isEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            s3cret\\n    | s3cret
            s3cret\\r\\n | s3cret
            s3cret\\n\\n | s3cret\\n
            s3cret       | s3cret
            ${HOST}      | ${HOST}
            -            | does not exist
            """)
    void file_standsForItsText(@Nullable String content, String expected) throws IOException {
        Path file = directory.resolve("token");
        String text = "Bearer ${file:" + file + "}!";
        if (content == null) {
            assertThatThrownBy(() -> placeholders.expand(text)).hasMessage("file " + file + " " + expected);
            return;
        }
        Files.writeString(file, unescaped(content));

        assertThat(placeholders.expand(text)).isEqualTo("Bearer " + unescaped(expected) + "!");
        assertThat(placeholders.given()).containsExactly(unescaped(expected));
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r");
    }

    @Test
    void file_mustBeShortTextAtAnAbsolutePath() throws IOException {
        Path file = directory.resolve("token");
        Files.write(file, new byte[65_537]);
        assertThatThrownBy(() -> placeholders.expand("${file:" + file + "}"))
                .hasMessage("file " + file + " must have at most 65536 bytes");
        Files.write(file, new byte[] {(byte) 0xff});
        assertThatThrownBy(() -> placeholders.expand("${file:" + file + "}"))
                .hasMessage("file " + file + " must be text in UTF-8");
        assertThatThrownBy(() -> placeholders.expand("${file:" + directory + "}"))
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> placeholders.expand("${file:token}"))
                .hasMessage(
                        "file of a placeholder must be an absolute path, as in ${file:/run/secrets/token}: \"token\"");
        assertThatThrownBy(() -> placeholders.expand("${file:/a\0b}")).hasMessageContaining("must be a path");
    }

    @Test
    void listFromOutside_namesNoFile() {
        assertThatThrownBy(() -> new Placeholders(name -> null, null).expand("${file:/etc/passwd}"))
                .hasMessage(
                        "placeholder must not name a file in a list of backends; give the value in the application's"
                                + " document");
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
