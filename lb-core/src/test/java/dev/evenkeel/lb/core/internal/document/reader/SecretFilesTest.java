package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFilesTest {
    @TempDir
    private Path directory;

    private final SecretFiles files = new SecretFiles();

    @Test
    void change_isToldOnce() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "one");
        Path password = Files.writeString(directory.resolve("password"), "p");
        files.read(token.toString());
        files.read(password.toString());
        assertThat(files.haveChanged()).isFalse();

        Files.writeString(token, "two");
        assertThat(files.haveChanged()).isTrue();
        assertThat(files.haveChanged()).isFalse();

        Files.delete(password);
        assertThat(files.haveChanged()).isTrue();
        assertThat(files.haveChanged()).isFalse();

        Files.writeString(password, "p");
        assertThat(files.haveChanged()).isTrue();
    }

    @Test
    void fileThatCouldNotBeRead_changesWhenItCan() throws IOException {
        Path token = directory.resolve("token");
        assertThatThrownBy(() -> files.read(token.toString())).hasMessageContaining("does not exist");
        assertThat(files.haveChanged()).isFalse();

        Files.writeString(token, "one");
        assertThat(files.haveChanged()).isTrue();
    }

    @Test
    void number_isBounded() throws IOException {
        for (int i = 0; i < 1_000; i++) {
            files.read(Files.writeString(directory.resolve("f" + i), "x").toString());
        }
        Path more = Files.writeString(directory.resolve("more"), "x");

        assertThatThrownBy(() -> files.read(more.toString())).hasMessage("must name at most 1000 files in all");
        assertThat(files.read(directory.resolve("f7").toString())).isEqualTo("x");
    }
}
