package dev.evenkeel.lb.okhttp.discovery;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okio.Buffer;
import okio.ByteString;

/**
 * The server's side of an HTTP/2 connection (RFC 9113) for gRPC: frames, and messages in them. Windows are not looked at,
 * since a client of OkHttp lets 16 MiB come.
 */
final class GrpcServerConnection {
    private static final int REST_OF_PREFACE = 8;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int MAX_FRAME = 16_384;

    private final DataInputStream in;
    private final OutputStream out;
    private final Handler handler;
    private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();

    /** Takes the messages of clients. */
    interface Handler {
        void message(Stream stream, byte[] message) throws IOException;

        /** The client, or the connection, has ended the stream. */
        void ended(Stream stream);
    }

    GrpcServerConnection(InputStream in, OutputStream out, Handler handler) {
        this.in = new DataInputStream(in);
        this.out = out;
        this.handler = handler;
    }

    /** Serves until the connection ends. */
    void serve() throws IOException {
        try {
            in.skipNBytes(REST_OF_PREFACE);
            frame(SETTINGS, 0, 0, new byte[0]);
            while (true) {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt() & 0x7fffffff;
                byte[] payload = new byte[length];
                in.readFully(payload);
                take(type, flags, stream, payload);
            }
        } finally {
            streams.values().forEach(handler::ended);
        }
    }

    private void take(int type, int flags, int id, byte[] payload) throws IOException {
        switch (type) {
            case SETTINGS -> acknowledge(SETTINGS, flags, new byte[0]);
            case PING -> acknowledge(PING, flags, payload);
            case HEADERS -> streams.put(id, new Stream(id));
            case RST_STREAM -> end(id);
            case DATA -> {
                Stream stream = streams.get(id);
                if (payload.length > 0) {
                    byte[] size = ByteBuffer.allocate(4).putInt(payload.length).array();
                    frame(WINDOW_UPDATE, 0, 0, size);
                    frame(WINDOW_UPDATE, 0, id, size);
                }
                if (stream != null) {
                    stream.take(payload);
                }
                if ((flags & END_STREAM) != 0) {
                    end(id);
                }
            }
            default -> {} // Priorities, windows, goodbyes.
        }
    }

    private void acknowledge(int type, int flags, byte[] payload) throws IOException {
        if ((flags & ACK) == 0) {
            frame(type, ACK, 0, payload);
        }
    }

    private void end(int id) {
        Stream stream = streams.remove(id);
        if (stream != null) {
            handler.ended(stream);
        }
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        synchronized (out) {
            out.write(frame.array());
        }
    }

    /** One call. */
    final class Stream {
        private final int id;
        private final Buffer received = new Buffer();
        private boolean answered;

        private Stream(int id) {
            this.id = id;
        }

        private void take(byte[] payload) throws IOException {
            received.write(payload);
            while (received.size() >= 5) {
                long length = received.peek().readByteArray(5)[4] & 0xFF
                        | (received.getByte(3) & 0xFF) << 8
                        | (received.getByte(2) & 0xFF) << 16;
                if (received.size() < 5 + length) {
                    return;
                }
                received.skip(5);
                handler.message(this, received.readByteArray(length));
            }
        }

        /** Sends a message, and the head before the first. */
        synchronized void send(ByteString message) throws IOException {
            raw(new Buffer()
                    .writeByte(0)
                    .writeInt(message.size())
                    .write(message)
                    .readByteString());
        }

        /** Sends bytes as they are. */
        synchronized void raw(ByteString bytes) throws IOException {
            open();
            for (int from = 0; from < bytes.size(); from += MAX_FRAME) {
                frame(
                        DATA,
                        0,
                        id,
                        bytes.substring(from, Math.min(bytes.size(), from + MAX_FRAME))
                                .toByteArray());
            }
        }

        /** Ends the stream without a status. */
        synchronized void cut() throws IOException {
            open();
            frame(DATA, END_STREAM, id, new byte[0]);
        }

        /** Ends the stream with trailers, or with a head alone if nothing was sent. */
        synchronized void end(String... namesAndValues) throws IOException {
            byte[] block = answered ? headerBlock(namesAndValues) : concat(head(), headerBlock(namesAndValues));
            frame(HEADERS, END_HEADERS | END_STREAM, id, block);
            streams.remove(id);
        }

        private void open() throws IOException {
            if (!answered) {
                answered = true;
                frame(HEADERS, END_HEADERS, id, head());
            }
        }
    }

    private static byte[] head() {
        return headerBlock(":status", "200", "content-type", "application/grpc");
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return new Buffer().write(first).write(second).readByteArray();
    }

    /** HPACK (RFC 7541) without its tables: literals that are not indexed. */
    private static byte[] headerBlock(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            string(block, namesAndValues[i]);
            string(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        block.write(text.length()); // at most 126
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
