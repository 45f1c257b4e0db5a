package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a stream as they arrive. Text after the last line break is no line: it may be cut off.
 */
public final class JsonLinesReader {
    /** An object of Kubernetes or a batch of etcd's has at most some MB. */
    private static final long MAX_BYTES = 32 << 20;

    /** Some servers send one now and then to keep a stream open. */
    static final int MAX_BLANK_LINES = 10_000;

    private final BufferedSource source;
    /** How many there were in a row. */
    private int blankLines;

    public JsonLinesReader(BufferedSource source) {
        this.source = source;
    }

    /** The next line without its break, or null at the end. */
    public byte @Nullable [] next() throws IOException {
        long length = source.indexOf((byte) '\n', 0, MAX_BYTES);
        if (length < 0) {
            if (source.request(MAX_BYTES)) {
                throw new MalformedAnswerException("a line of a stream must have at most " + MAX_BYTES + " bytes");
            }
            return null;
        }
        byte[] line = source.readByteArray(length);
        source.skip(1);
        blankLines = length == 0 ? blankLines + 1 : 0;
        if (blankLines > MAX_BLANK_LINES) {
            throw new MalformedAnswerException(
                    "a stream must not have more than " + MAX_BLANK_LINES + " blank lines in a row");
        }
        return line;
    }

    /** Whether the next line has begun to arrive. */
    public boolean hasMore() {
        return source.getBuffer().size() > 0;
    }
}
