package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The source of a document: a file or a text.
 *
 * @param name for messages
 * @param file null for a text
 * @param text null for a file
 */
record ConfigSource(
        String name, @Nullable Path file, @Nullable String text) {
    /** One more than the characters that a document may have. */
    private static final int MAX_CHARS = (1 << 20) + 1;

    static ConfigSource of(Path file) {
        Preconditions.notNull(file, "file");
        return new ConfigSource(file.toString(), file, null);
    }

    static ConfigSource of(String text) {
        return new ConfigSource("the configuration", null, text);
    }

    static ConfigSource of(Reader reader) throws IOException {
        StringBuilder text = new StringBuilder();
        char[] buffer = new char[8_192];
        for (int read = 0; read >= 0 && text.length() < MAX_CHARS; read = reader.read(buffer)) {
            text.append(buffer, 0, read);
        }
        return of(text.toString());
    }

    byte[] read() throws IOException {
        if (text != null) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        if (file == null) {
            throw new IllegalStateException("a source is a file or a text");
        }
        return ConfigDocument.load(file);
    }
}
