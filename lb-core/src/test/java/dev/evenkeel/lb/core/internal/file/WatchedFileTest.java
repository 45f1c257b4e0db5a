package dev.evenkeel.lb.core.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is read when its stamp is new, and once more: a second write within a tick leaves no other trace. */
class WatchedFileTest {
    @TempDir
    private Path directory;

    private final AtomicInteger reads = new AtomicInteger();

    private WatchedFile watch(Path file) {
        return new WatchedFile(file, path -> {
            reads.incrementAndGet();
            return Files.readAllBytes(path);
        });
    }

    @Test
    void unchangedFile_isReadTwice_andToldOnce() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "one");
        WatchedFile watched = watch(file);
        assertThat(watched.look()).asString().isEqualTo("one");
        assertThat(watched.look()).isNull();
        assertThat(watched.look()).isNull();
        assertThat(reads).hasValue(2);
    }

    @Test
    void secondWriteWithTheSameStamp_isFound() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "one");
        java.nio.file.attribute.FileTime modified = Files.getLastModifiedTime(file);
        WatchedFile watched = watch(file);
        watched.look();
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, modified);
        assertThat(watched.look()).asString().isEqualTo("two");
    }

    @Test
    void linkWithAnotherTarget_isAChange() throws IOException {
        Path one = Files.writeString(directory.resolve("1"), "one");
        Path two = Files.writeString(directory.resolve("2"), "two");
        Path link = Files.createSymbolicLink(directory.resolve("link"), one);
        WatchedFile watched = watch(link);
        watched.look();
        watched.look();
        Files.delete(link);
        Files.createSymbolicLink(link, two);
        assertThat(watched.look()).asString().isEqualTo("two");
    }

    @Test
    void fileThatComesBack_isToldAgain_evenIfItIsTheSame() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "one");
        WatchedFile watched = watch(file);
        watched.look();
        Files.delete(file);
        assertThatThrownBy(watched::look).isInstanceOf(NoSuchFileException.class);
        Files.writeString(file, "one");
        assertThat(watched.look()).asString().isEqualTo("one");
    }
}
