package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.document.PoolDocument;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDiscoveryTest {
    private static final String A = "{\"backends\":[\"http://10.0.0.1:80\"]}";
    private static final String B = "{\"backends\":[\"http://10.0.0.2:80\"]}";
    private static final String A_ID = "10.0.0.1:80";
    private static final String B_ID = "10.0.0.2:80";

    @TempDir
    private Path directory;

    private final FakeReceiver receiver = new FakeReceiver();
    private Path file;

    @BeforeEach
    void file() throws IOException {
        file = directory.resolve("backends.json");
        Files.writeString(file, A);
    }

    @Test
    void fileThatIsReplaced_isReadAtTheNextLook() throws IOException {
        start();
        Files.writeString(directory.resolve("new"), B);
        Files.move(directory.resolve("new"), file, StandardCopyOption.ATOMIC_MOVE);

        receiver.time.advance(Duration.ofMillis(1_999));
        assertThat(receiver.ids()).containsExactly(A_ID);
        receiver.time.advance(Duration.ofMillis(1));

        assertThat(receiver.ids()).containsExactly(B_ID);
    }

    @Test
    void fileThatStaysTheSame_isToldOnce_andThenReadNoMore() {
        AtomicInteger reads = new AtomicInteger();
        FileDiscovery.of(file, content -> {
                    reads.incrementAndGet();
                    return List.of();
                })
                .start(receiver);

        receiver.time.advance(Duration.ofMinutes(1));

        assertThat(reads).hasValue(1);
        assertThat(receiver.lists).hasSize(1);
    }

    @Test
    void linkThatIsTurned_isRead_thoughSizeAndTimeAreTheSame() throws IOException {
        Path one = Files.createDirectory(directory.resolve("one"));
        Path two = Files.createDirectory(directory.resolve("two"));
        FileTime sameTime = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(Files.writeString(one.resolve("backends.json"), A), sameTime);
        Files.setLastModifiedTime(Files.writeString(two.resolve("backends.json"), B), sameTime);
        // As Kubernetes mounts a ConfigMap.
        Path data = Files.createSymbolicLink(directory.resolve("..data"), one);
        PoolDocument.backends(data.resolve("backends.json")).start(receiver);
        receiver.time.advance(Duration.ofMinutes(1));
        assertThat(receiver.ids()).containsExactly(A_ID);

        Path turned = Files.createSymbolicLink(directory.resolve("..data_tmp"), two);
        Files.move(turned, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        receiver.time.advance(Duration.ofSeconds(2));

        assertThat(receiver.ids()).containsExactly(B_ID);
    }

    @Test
    void secondWriteWithinOneTickOfTheClock_isSeen() throws IOException {
        FileTime tick = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, tick);
        start();

        Files.writeString(file, B);
        Files.setLastModifiedTime(file, tick);
        receiver.time.advance(Duration.ofSeconds(2));

        assertThat(receiver.ids()).containsExactly(B_ID);
    }

    @Test
    void fileThatIsHalfWritten_isAnErrorOnce_andReadWhenItIsWhole() throws IOException {
        start();

        Files.writeString(file, B.substring(0, 20));
        receiver.time.advance(Duration.ofSeconds(20));
        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessageContaining("is not JSON at line 1"));

        Files.writeString(file, B);
        receiver.time.advance(Duration.ofSeconds(2));
        assertThat(receiver.ids()).containsExactly(B_ID);
    }

    @Test
    void fileThatIsMissing_isAnErrorOnce_andReadWhenItComes() throws IOException {
        Files.delete(file);
        start();
        receiver.time.advance(Duration.ofSeconds(20));
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessageStartingWith("cannot read the list of backends in " + file)
                        .hasMessageContaining("NoSuchFileException"));

        Files.writeString(file, A);
        receiver.time.advance(Duration.ofSeconds(2));
        assertThat(receiver.ids()).containsExactly(A_ID);
    }

    @Test
    void fileThatComesBackUnchanged_isToldAgain_sothatTheErrorIsOver() throws IOException {
        start();
        Files.delete(file);
        receiver.time.advance(Duration.ofSeconds(2));

        Files.writeString(file, A);
        receiver.time.advance(Duration.ofSeconds(2));

        assertThat(receiver.lists).containsExactly(List.of(A_ID), List.of(A_ID));
        assertThat(receiver.errors).hasSize(1);
    }

    @Test
    void everyFault_isReported() throws IOException {
        Files.writeString(file, """
                {"backends": [
                  {"uri": "http://10.0.0.1:0"},
                  {"uri": "http://10.0.0.2:70000"},
                  {"uri": "http://10.0.0.3:80", "weight": -1},
                  {"uri": "http://10.0.0.4:80", "metadata": {"version": "1\\r\\nHost: evil"}},
                  "http://10.0.0.5:80", "http://10.0.0.5:80", "ftp://10.0.0.6"
                ], "backend": []}""");
        start();

        assertThat(receiver.errors)
                .singleElement()
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        error -> assertThat(error.faults())
                                .extracting(fault -> fault.path() + ": " + fault.rule())
                                .containsExactly(
                                        "$.backends[0].uri: backend URI must have a port of 1..65535: \"http://10.0.0.1:0\"",
                                        "$.backends[1].uri: backend URI must have a port of 1..65535: \"http://10.0.0.2:70000\"",
                                        "$.backends[2].weight: weight must be 1..65535: -1",
                                        "$.backends[3].metadata.version: metadata value of \"version\" must have no control characters:"
                                                + " U+000D at index 1",
                                        "$.backends[5]: duplicate backend id \"10.0.0.5:80\"; the first is $.backends[4]",
                                        "$.backends[6]: backend URI must have the scheme http, https, tcp or udp: \"ftp://10.0.0.6\" has"
                                                + " \"ftp\"",
                                        "$.backend: unknown field; expected one of backends"));
        assertThat(receiver.lists).isEmpty();
    }

    @Test
    void fileThatIsTooLarge_isAnError() throws IOException {
        Files.write(file, new byte[FileDiscovery.MAX_BYTES + 1]);
        start();

        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessageContaining("more than 16777216 bytes"));
    }

    @Test
    void closing_endsTheLooks() {
        BackendDiscovery.Watch watch = start();

        watch.close();

        assertThat(receiver.time.pendingTimers()).isZero();
    }

    @Test
    void interval_outOfRange_isRefused() {
        assertThatThrownBy(() -> PoolDocument.backends(file).withInterval(Duration.ZERO))
                .hasMessage("file interval must be PT0.01S to PT1H: PT0S");
    }

    private BackendDiscovery.Watch start() {
        return PoolDocument.backends(file).start(receiver);
    }
}
