package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads of reloads. */
class ReloadLogTest {
    private static final Logger LOGGER = Logger.getLogger("dev.evenkeel.lb");

    private final List<String> rows = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord line) {
            rows.add("| " + line.getLevel() + " | `" + formatter.formatMessage(line) + "` |");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void close() {
        LOGGER.removeHandler(handler);
    }

    private static String document(String more, String strategy) {
        return """
                { "reloadInterval": "100ms", "pools": [ { "name": "users", "backends": [ "http://10.0.0.1:8080" ]%s } ]%s }
                """.formatted(strategy, more);
    }

    /** At once: a file that is read while it is written has a line of its own. */
    private static Path written(Path directory, String text) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh.json"), text);
        return Files.move(fresh, directory.resolve("balancing.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    private List<String> rows(Path file) {
        return rows.stream()
                .filter(row -> row.contains("configuration"))
                .map(row -> row.replace(file.toString(), file.getFileName().toString()))
                .toList();
    }

    @Test
    void reload_andRefusal_areOneLineEach_asThePageHasThem(@TempDir Path directory) throws IOException {
        Path file = written(directory, document("", ""));
        try (LiveConfig config = LiveConfig.start(file)) {
            written(directory, document(", \"retries\": { \"maxAttempts\": 0 }", ", \"maxRetryAfter\": \"soon\""));
            await().until(() -> config.reloads().refused() == 1);
            await().until(() -> !rows(file).isEmpty());
            written(directory, document("", ", \"strategy\": \"random\""));
            await().until(() -> config.reloads().applied() == 1);
        }
        assertThat(rows(file)).hasSize(2).allSatisfy(row -> {
            assertThat(row).doesNotContain("\n");
            assertThat(Files.readAllLines(Path.of("docs/logs.md"))).anyMatch(line -> line.startsWith(row));
        });
    }
}
