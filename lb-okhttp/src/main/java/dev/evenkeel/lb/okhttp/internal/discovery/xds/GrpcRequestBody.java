package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The request of a stream of gRPC in both directions: messages are written while the answer is read. Used by one thread,
 * the one that executes the call.
 */
final class GrpcRequestBody extends RequestBody {
    private static final MediaType TYPE = MediaType.get("application/grpc+proto");

    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final Opening opening;
    private @Nullable BufferedSink sink;

    /**
     * Creates a body.
     *
     * @param opening sends what a server waits for before it answers at all
     */
    GrpcRequestBody(Opening opening) {
        this.opening = opening;
    }

    @Override
    public MediaType contentType() {
        return TYPE;
    }

    @Override
    public boolean isDuplex() {
        return true;
    }

    /** What was sent is not repeated on another connection: the source begins a new stream. */
    @Override
    public boolean isOneShot() {
        return true;
    }

    @Override
    public void writeTo(BufferedSink to) throws IOException {
        sink = to;
        opening.run();
    }

    /** Sends a message: a byte for "not compressed", four for the length, the message. */
    void send(ByteString message) throws IOException {
        if (sink == null) {
            throw new IllegalStateException("the stream is not open");
        }
        sink.writeByte(0).writeInt(message.size()).write(message).flush();
    }

    /** Ends the request, whatever has become of the stream. The connection is not given back before. */
    void end() {
        try {
            if (sink != null) {
                sink.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a stream of gRPC had ended already", e);
        }
    }

    /** Sends the first messages. */
    @FunctionalInterface
    interface Opening {
        void run() throws IOException;
    }
}
