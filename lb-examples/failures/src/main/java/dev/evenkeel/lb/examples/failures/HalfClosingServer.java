package dev.evenkeel.lb.examples.failures;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import okhttp3.tls.HandshakeCertificates;

/**
 * A server of the comparison that ends its own side of a connection only. It sends FIN after each answer, or when a connection was
 * idle for a while, without a word before it (no {@code Connection: close}, no GOAWAY), and reads on: a request that comes later is
 * taken, and never answered. The ids of POSTs are their bodies.
 */
final class HalfClosingServer implements ParityServer {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PREFACE_BYTES = 24;
    /** {@code :status: 200} of HPACK's static table. */
    private static final byte[] STATUS_200 = {(byte) 0x88};

    private static final byte[] H1_ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);

    private final int idleMillis;
    private final Map<ParityProtocol, ServerSocket> listeners = new EnumMap<>(ParityProtocol.class);
    private final Queue<String> posts = new ConcurrentLinkedQueue<>();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "half-closing-server");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Starts it.
     *
     * @param idleMillis how long a connection is idle before its output is shut down; 0 for after each answer
     */
    HalfClosingServer(int idleMillis, HandshakeCertificates certificates) throws IOException {
        this.idleMillis = idleMillis;
        for (ParityProtocol protocol : ParityProtocol.values()) {
            ServerSocketFactory factory = protocol.scheme().equals("https")
                    ? certificates.sslContext().getServerSocketFactory()
                    : ServerSocketFactory.getDefault();
            ServerSocket listener = factory.createServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
            listeners.put(protocol, listener);
            threads.execute(() -> accept(listener, protocol));
        }
    }

    private void accept(ServerSocket listener, ParityProtocol protocol) {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                threads.execute(() -> serve(socket, protocol));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket, ParityProtocol protocol) {
        try (socket) {
            socket.setTcpNoDelay(true);
            if (socket instanceof SSLSocket tls) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2"});
                tls.setSSLParameters(parameters);
            }
            Connection connection = new Connection(socket);
            if (protocol.isMultiplexed()) {
                connection.serveH2();
            } else {
                connection.serveH1();
            }
        } catch (IOException e) {
            // The client has closed the connection.
        }
    }

    /** A connection, on a thread of its own. */
    private final class Connection {
        private final Socket socket;
        private final PushbackInputStream input;
        private final DataInputStream data;
        private final OutputStream output;
        private boolean answered;
        private boolean half;

        Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.input = new PushbackInputStream(new BufferedInputStream(socket.getInputStream()));
            this.data = new DataInputStream(input);
            this.output = socket.getOutputStream();
        }

        void serveH1() throws IOException {
            while (awaitByte()) {
                int length = 0;
                for (String line = line(); !line.isEmpty(); line = line()) {
                    if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                        length = Integer.parseInt(
                                line.substring(line.indexOf(':') + 1).strip());
                    }
                }
                record(data.readNBytes(length));
                answer(H1_ANSWER);
            }
        }

        void serveH2() throws IOException {
            data.readNBytes(PREFACE_BYTES);
            output.write(frame(SETTINGS, 0, 0));
            Map<Integer, byte[]> bodies = new HashMap<>();
            while (awaitByte()) {
                int length = data.readUnsignedByte() << 16 | data.readUnsignedShort();
                int type = data.readUnsignedByte();
                int flags = data.readUnsignedByte();
                int stream = data.readInt();
                byte[] payload = data.readNBytes(length);
                if (type == DATA) {
                    bodies.put(stream, payload); // so short that it is one frame
                } else if ((type == SETTINGS || type == PING) && (flags & ACK) == 0 && !half) {
                    output.write(frame(type, ACK, stream, type == PING ? payload : new byte[0]));
                }
                if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
                    byte[] body = bodies.remove(stream);
                    record(body == null ? new byte[0] : body);
                    answer(frame(HEADERS, END_STREAM | END_HEADERS, stream, STATUS_200));
                }
            }
        }

        /**
         * Waits for the first byte of what comes next; false at the end. A new connection is not idle before its first
         * request: a cold client may take its time.
         */
        private boolean awaitByte() throws IOException {
            int first;
            try {
                socket.setSoTimeout(half || !answered ? 0 : idleMillis);
                first = input.read();
            } catch (SocketTimeoutException e) {
                shutDownOutput();
                first = input.read();
            }
            socket.setSoTimeout(0);
            if (first < 0) {
                return false;
            }
            input.unread(first);
            return true;
        }

        private void record(byte[] body) {
            if (body.length > 0) {
                posts.add(new String(body, StandardCharsets.US_ASCII));
            }
        }

        private void answer(byte[] answer) throws IOException {
            if (!half) {
                output.write(answer);
                answered = true;
                if (idleMillis == 0) {
                    shutDownOutput();
                }
            }
        }

        private void shutDownOutput() throws IOException {
            half = true;
            socket.setSoTimeout(0);
            socket.shutdownOutput();
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = input.read(); c != '\n'; c = input.read()) {
                if (c < 0) {
                    throw new EOFException();
                }
                line.append((char) c);
            }
            return line.toString().strip();
        }

        private byte[] frame(int type, int flags, int stream, byte... payload) {
            byte[] frame = new byte[9 + payload.length];
            frame[2] = (byte) payload.length;
            frame[3] = (byte) type;
            frame[4] = (byte) flags;
            frame[5] = (byte) (stream >>> 24);
            frame[6] = (byte) (stream >>> 16);
            frame[7] = (byte) (stream >>> 8);
            frame[8] = (byte) stream;
            System.arraycopy(payload, 0, frame, 9, payload.length);
            return frame;
        }
    }

    @Override
    public int port(ParityProtocol protocol) {
        return Objects.requireNonNull(listeners.get(protocol)).getLocalPort();
    }

    @Override
    public List<String> posts() {
        return List.copyOf(posts);
    }

    @Override
    public void quit() {
        close();
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            for (ServerSocket listener : listeners.values()) {
                listener.close();
            }
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
