package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A document from a file or a text. */
class ConfigSourceTest {
    @Test
    void text_isReadAsItIs() throws Exception {
        ConfigSource source = ConfigSource.of(new StringReader("{\"ü\": 1}"));

        assertThat(source.name()).isEqualTo("the configuration");
        assertThat(source.read())
                .asString(java.nio.charset.StandardCharsets.UTF_8)
                .isEqualTo("{\"ü\": 1}");
    }

    @Test
    void file_isReadAgainEachTime(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("lb.json"), "one");
        ConfigSource source = ConfigSource.of(file);

        assertThat(source.name()).isEqualTo(file.toString());
        assertThat(source.read()).asString().isEqualTo("one");
        Files.writeString(file, "two");
        assertThat(source.read()).asString().isEqualTo("two");
    }
}
