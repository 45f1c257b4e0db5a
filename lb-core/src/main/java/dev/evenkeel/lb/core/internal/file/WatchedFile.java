package dev.evenkeel.lb.core.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read when it may have changed: its real path (so that a symbolic link with another target counts, as
 * Kubernetes uses it with {@code ..data}), its identity, size and time. For one thread at a time.
 */
public final class WatchedFile {
    private final Path file;
    private final Reader reader;

    private @Nullable Stamp stamp;
    private byte @Nullable [] content;

    /**
     * Whether it was read once more since the stamp was new: a second write within one tick of the clock leaves no
     * other trace.
     */
    private boolean settled;

    /** Reads a file. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Reads all of it, or as much as may be useful.
         *
         * @param file the file
         * @return its content
         * @throws IOException if it cannot be read
         */
        byte[] read(Path file) throws IOException;
    }

    /** Identifies a state of a file without reading it. */
    private record Stamp(Path realPath, @Nullable Object key, long sizeBytes, FileTime modified) {
        static Stamp of(Path file) throws IOException {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return new Stamp(real, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        }
    }

    /**
     * A file that has not been checked yet.
     *
     * @param file need not exist yet
     * @param reader reads it
     */
    public WatchedFile(Path file, Reader reader) {
        this.file = file;
        this.reader = reader;
    }

    /**
     * Checks the file.
     *
     * @return its content if it has changed since the last check; null if not
     * @throws IOException if it cannot be read; any content read after that counts as changed
     */
    public byte @Nullable [] look() throws IOException {
        try {
            Stamp now = Stamp.of(file);
            boolean known = now.equals(stamp);
            if (known && settled) {
                return null;
            }
            byte[] read = reader.read(file);
            stamp = now;
            settled = known;
            if (Arrays.equals(read, content)) {
                return null;
            }
            content = read;
            return read.clone();
        } catch (IOException e) {
            stamp = null;
            content = null;
            throw e;
        }
    }
}
