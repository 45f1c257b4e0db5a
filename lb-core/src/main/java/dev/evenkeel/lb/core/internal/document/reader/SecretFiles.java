package dev.evenkeel.lb.core.internal.document.reader;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files that the placeholders of one document name, such as mounted secrets, and what they held when they were read.
 * Not thread-safe.
 */
public final class SecretFiles {
    private static final int MAX_FILES = 1_000;

    /** What each file held; null if it could not be read. */
    private final Map<String, @Nullable String> held = new LinkedHashMap<>();

    /**
     * Reads a file.
     *
     * @param file its absolute path
     * @return its text, without the line end at its end
     * @throws IllegalArgumentException if it cannot be read, or is no text, or too long
     */
    String read(String file) {
        if (!held.containsKey(file) && held.size() == MAX_FILES) {
            throw new IllegalArgumentException("must name at most " + MAX_FILES + " files in all");
        }
        held.put(file, null);
        String text = load(file);
        held.put(file, text);
        return text;
    }

    /** Whether a file holds something else than when this was asked last, or than when it was read. */
    public boolean haveChanged() {
        boolean changed = false;
        for (Map.Entry<String, @Nullable String> file : held.entrySet()) {
            String now;
            try {
                now = load(file.getKey());
            } catch (IllegalArgumentException e) {
                now = null;
            }
            changed |= now == null ? file.getValue() != null : !now.equals(file.getValue());
            file.setValue(now);
        }
        return changed;
    }

    private static String load(String file) {
        String shown = ErrorCollector.clean(file, 200);
        try {
            Path path = Path.of(file);
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException(
                        "file of a placeholder must be an absolute path, as in ${file:/run/secrets/token}: \"" + shown
                                + "\"");
            }
            return text(path, shown);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("file of a placeholder must be a path: \"" + shown + "\"", e);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("file " + shown + " does not exist", e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("file " + shown + " must be text in UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "file " + shown + " cannot be read: " + e.getClass().getSimpleName(), e);
        }
    }

    private static String text(Path path, String shown) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(JsonTrees.MAX_STRING + 1);
        }
        if (bytes.length > JsonTrees.MAX_STRING) {
            throw new IllegalArgumentException(
                    "file " + shown + " must have at most " + JsonTrees.MAX_STRING + " bytes");
        }
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.endsWith("\r\n")
                ? text.substring(0, text.length() - 2)
                : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
}
