package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import okhttp3.Headers;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** The messages of a gRPC stream, and the status at its end. Used by one thread. */
final class GrpcAnswer {
    /** 100,000 endpoints with health and weight have about 3 MB. */
    static final long MAX_BYTES = 16 << 20;

    private static final String STATUS = "grpc-status";
    private static final String MESSAGE = "grpc-message";

    private final Response response;
    private final BufferedSource source;

    GrpcAnswer(Response response, BufferedSource source) throws MalformedAnswerException {
        this.response = response;
        this.source = source;
        String type = response.header("Content-Type", "");
        if (!type.toLowerCase(Locale.ROOT).startsWith("application/grpc")) {
            throw new MalformedAnswerException(
                    "the answer must be of gRPC: its type is \"" + Messages.quoted(type) + "\"");
        }
    }

    /**
     * Waits for the next message.
     *
     * @return null if the server has ended the stream in good order
     * @throws GrpcStatusException if it has ended it with a status other than 0
     */
    byte @Nullable [] next() throws IOException {
        if (source.exhausted()) {
            checkStatus();
            return null;
        }
        source.require(5);
        if (source.readByte() != 0) {
            throw new MalformedAnswerException("a message must not be compressed");
        }
        long length = source.readInt() & 0xFFFF_FFFFL;
        if (length > MAX_BYTES) {
            throw new MalformedAnswerException("a message must have at most " + MAX_BYTES + " bytes: " + length);
        }
        return source.readByteArray(length);
    }

    /** Whether the next message has begun to arrive. */
    boolean hasMore() {
        return source.getBuffer().size() > 0;
    }

    /** An answer without messages has its status in the head. */
    private void checkStatus() throws IOException {
        Headers trailers = response.trailers();
        Headers last = trailers.get(STATUS) == null ? response.headers() : trailers;
        String status = last.get(STATUS);
        if (status == null) {
            throw new MalformedAnswerException("a stream of gRPC must end with a status");
        }
        if (!status.equals("0")) {
            String message = last.get(MESSAGE);
            throw new GrpcStatusException(
                    Messages.quoted(status), message == null ? "" : Messages.quoted(decoded(message)));
        }
    }

    /** Without the percent signs by which gRPC writes what is not ASCII. What is no such code stays. */
    private static String decoded(String message) {
        Buffer bytes = new Buffer();
        for (int i = 0; i < message.length(); i++) {
            int code = message.charAt(i) == '%' && i + 2 < message.length()
                    ? Character.digit(message.charAt(i + 1), 16) << 4 | Character.digit(message.charAt(i + 2), 16)
                    : -1;
            if (code >= 0) {
                bytes.writeByte(code);
                i += 2;
            } else {
                bytes.writeUtf8(message.substring(i, i + 1));
            }
        }
        return bytes.readString(StandardCharsets.UTF_8);
    }
}
