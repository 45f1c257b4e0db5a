package dev.evenkeel.lb.okhttp;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An h2 server (with prior knowledge) made of nothing but sockets and frames (RFC 9113), so that it can stop in the middle of
 * one. What a request says is not looked at, only where it ends.
 */
public final class RawH2Server implements AutoCloseable {
    public static final int NO_ERROR = 0;
    public static final int REFUSED_STREAM = 7;
    public static final int CANCEL = 8;

    private static final int PREFACE_BYTES = 24;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;

    private final ServerSocket listener;
    private final Handler handler;
    private final Map<Integer, CompletableFuture<Integer>> resets = new ConcurrentHashMap<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CompletableFuture<Void> accepting;

    /** Takes part in exchanges; throws to end the connection. */
    public interface Handler {
        /** The head of a request has come; whether the rest is wanted. */
        boolean wants(Stream stream) throws IOException;

        /** The whole request has come. */
        void answer(Stream stream) throws IOException;
    }

    private RawH2Server(Handler handler) throws IOException {
        this.handler = handler;
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        accepting = CompletableFuture.runAsync(this::accept, threads);
    }

    public static RawH2Server start(Handler handler) throws IOException {
        return new RawH2Server(handler);
    }

    /** Completes with the error code when the client resets a stream of a server's only connection. */
    public CompletableFuture<Integer> resets(Stream stream) {
        return resets(stream.id);
    }

    private CompletableFuture<Integer> resets(int stream) {
        return resets.computeIfAbsent(stream, id -> new CompletableFuture<>());
    }

    /** How many connections are open. */
    public int connections() {
        return open.size();
    }

    public String uri() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                open.add(client);
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try {
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            in.skipNBytes(PREFACE_BYTES);
            frame(out, SETTINGS, 0, 0, new byte[0]);
            while (true) {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt() & 0x7fffffff;
                byte[] payload = in.readNBytes(length);
                take(new Stream(client, out, stream), type, flags, payload);
            }
        } catch (RawServer.Reset e) {
            RawServer.reset(client);
        } catch (IOException e) {
            // One side has gone, as sides do.
        } finally {
            open.remove(client);
            RawServer.closeQuietly(client);
        }
    }

    private void take(Stream stream, int type, int flags, byte[] payload) throws IOException {
        switch (type) {
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    frame(stream.out, SETTINGS, ACK, 0, new byte[0]);
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    frame(stream.out, PING, ACK, 0, payload);
                }
            }
            case HEADERS -> {
                if (handler.wants(stream) && (flags & END_STREAM) != 0) {
                    handler.answer(stream);
                }
            }
            case DATA -> {
                if ((flags & END_STREAM) != 0) {
                    handler.answer(stream);
                }
            }
            case RST_STREAM ->
                resets(stream.id).complete(ByteBuffer.wrap(payload).getInt());
            default -> {} // Priorities and windows: nothing here is that long.
        }
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        synchronized (out) {
            out.write(head(payload.length, type, flags, stream));
            out.write(payload);
        }
    }

    private static byte[] head(int length, int type, int flags, int stream) {
        return new byte[] {
            (byte) (length >> 16),
            (byte) (length >> 8),
            (byte) length,
            (byte) type,
            (byte) flags,
            (byte) (stream >> 24),
            (byte) (stream >> 16),
            (byte) (stream >> 8),
            (byte) stream
        };
    }

    /** From its return on the port refuses: until the thread has left {@code accept}, it may still get a connection. */
    @Override
    public void close() throws IOException {
        listener.close();
        accepting.join();
        for (Socket client : open) {
            client.close();
        }
        threads.shutdownNow();
    }

    /** One stream of a connection. */
    public static final class Stream {
        private final Socket socket;
        private final DataOutputStream out;
        private final int id;

        Stream(Socket socket, DataOutputStream out, int id) {
            this.socket = socket;
            this.out = out;
            this.id = id;
        }

        /** The number of the stream on its connection: 1 for the first that a client makes. */
        public int id() {
            return id;
        }

        /** The connection, as an object of its own. */
        public Object connection() {
            return socket;
        }

        /** Sends a head. */
        public void head(int status, String... namesAndValues) throws IOException {
            frame(out, HEADERS, END_HEADERS, id, headerBlock(status, namesAndValues));
        }

        /** Sends the frame of a head, of which only a part comes. */
        void partOfHead() throws IOException {
            byte[] block = headerBlock(200);
            out.write(RawH2Server.head(block.length, HEADERS, END_HEADERS, id));
            out.write(block, 0, block.length / 2);
        }

        /** Sends a head, and each of its bytes after a while. */
        void dribbleHead(RawServer.Pause pause) throws IOException {
            byte[] block = headerBlock(200, "x-padding", "x".repeat(20));
            out.write(RawH2Server.head(block.length, HEADERS, END_HEADERS, id));
            for (byte each : block) {
                pause.await();
                out.write(each);
            }
        }

        /** Sends a part of the body, or the last one. */
        public void body(String part, boolean last) throws IOException {
            frame(out, DATA, last ? END_STREAM : 0, id, part.getBytes(StandardCharsets.US_ASCII));
        }

        /** Refuses, or ends, the stream. */
        public void reset(int errorCode) throws IOException {
            frame(out, RST_STREAM, 0, id, new byte[] {0, 0, 0, (byte) errorCode});
        }

        /** Says that the connection will end, and whether this stream still counts. */
        public void goAway(boolean counts) throws IOException {
            frame(out, GOAWAY, 0, 0, new byte[] {0, 0, 0, (byte) (counts ? id : 0), 0, 0, 0, NO_ERROR});
        }

        /** Closes the connection in good order. */
        void closeConnection() throws IOException {
            socket.close();
        }

        /** HPACK (RFC 7541) without its tables: literals that are not indexed. */
        private static byte[] headerBlock(int status, String... namesAndValues) {
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            literal(block, ":status", String.valueOf(status));
            for (int i = 0; i < namesAndValues.length; i += 2) {
                literal(block, namesAndValues[i], namesAndValues[i + 1]);
            }
            return block.toByteArray();
        }

        private static void literal(ByteArrayOutputStream block, String name, String value) {
            block.write(0);
            string(block, name);
            string(block, value);
        }

        private static void string(ByteArrayOutputStream block, String text) {
            block.write(text.length()); // at most 126
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
