package dev.evenkeel.lb.okhttp.discovery;

import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;

/** An HTTP server made of sockets: it can go away and come back on its port, and cut what it sends at any byte. */
final class LoopbackServer implements AutoCloseable {
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int port;
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger cuts = new AtomicInteger();
    final AtomicInteger silences = new AtomicInteger();
    /** How many bytes each connection may send before it is cut. */
    volatile LongSupplier budget = () -> Long.MAX_VALUE;
    /** Which connections, by their number, are not cut then, but stay open without another byte, as if the network had gone. */
    volatile IntPredicate silent = number -> false;

    /** Takes over connections that begin with the preface of HTTP/2; null closes them. */
    volatile Http2 http2;

    private volatile ServerSocket listener;

    /** A request that has been read. */
    record Request(String method, String path, Map<String, String> query, Map<String, String> headers, String body) {}

    /** Answers a request; throws to drop the connection. */
    interface Handler {
        void answer(Request request, Answer answer) throws IOException, InterruptedException;
    }

    /** Speaks HTTP/2 on a connection, behind the first line of its preface. */
    interface Http2 {
        void serve(InputStream in, OutputStream out) throws IOException;
    }

    LoopbackServer(Handler handler) throws IOException {
        this.handler = handler;
        this.listener = listen(0);
        this.port = listener.getLocalPort();
        accept(listener);
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private void accept(ServerSocket from) {
        threads.execute(() -> {
            while (true) {
                try {
                    Socket client = from.accept();
                    client.setTcpNoDelay(true);
                    int number = connections.incrementAndGet();
                    open.add(client);
                    if (from.isClosed()) {
                        reset(client); // it came while the server went
                    }
                    threads.execute(() -> serve(client, number));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    private void serve(Socket client, int number) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new Cut(client.getOutputStream(), budget.getAsLong(), silent.test(number));
            for (String requestLine = line(in); !requestLine.isEmpty(); requestLine = line(in)) {
                if (requestLine.startsWith("PRI ")) {
                    if (http2 != null) {
                        http2.serve(in, out);
                    }
                    return;
                }
                Answer answer = new Answer(out);
                handler.answer(request(requestLine, in), answer);
                answer.end();
            }
        } catch (IOException e) {
            // One side has gone, as sides do.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private static Request request(String requestLine, InputStream in) throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).trim());
        }
        String[] words = requestLine.split(" ");
        String[] target = words[1].split("\\?", 2);
        Map<String, String> query = new HashMap<>();
        if (target.length > 1) {
            for (String parameter : target[1].split("&")) {
                String[] pair = parameter.split("=", 2);
                query.put(decode(pair[0]), pair.length > 1 ? decode(pair[1]) : "");
            }
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(words[0], decode(target[0]), query, headers, new String(body, StandardCharsets.UTF_8));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Empty at the end of the stream, too. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Goes away, with a reset for everybody. */
    void down() throws IOException {
        listener.close();
        for (Socket client : open) {
            reset(client);
        }
    }

    private static void reset(Socket client) throws IOException {
        try {
            client.setSoLinger(true, 0);
        } catch (IOException e) {
            // It has gone by itself.
        }
        client.close();
    }

    void up() {
        // The kernel may need a moment to let go of the port.
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(BindException.class)
                .until(() -> {
                    listener = listen(port);
                    return true;
                });
        accept(listener);
    }

    @Override
    public void close() throws IOException {
        down();
        threads.shutdownNow();
    }

    /** One answer on its way. */
    static final class Answer {
        private final OutputStream out;
        private boolean chunked;

        private Answer(OutputStream out) {
            this.out = out;
        }

        void whole(int code, String body, String... headers) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            StringBuilder head =
                    new StringBuilder("HTTP/1.1 " + code + " -\r\nContent-Length: " + bytes.length + "\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            all.writeBytes(bytes);
            out.write(all.toByteArray());
        }

        void open(String... headers) throws IOException {
            chunked = true;
            StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        }

        void send(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream chunk = new ByteArrayOutputStream();
            chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
            chunk.writeBytes(bytes);
            chunk.writeBytes(new byte[] {'\r', '\n'});
            out.write(chunk.toByteArray());
        }

        private void end() throws IOException {
            if (chunked) {
                out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** Ends in the middle of whatever exceeds its budget. */
    private final class Cut extends OutputStream {
        private final OutputStream out;
        private final boolean silent;
        private long left;
        private boolean gone;

        Cut(OutputStream out, long budget, boolean silent) {
            this.out = out;
            this.left = budget;
            this.silent = silent;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int sent = (int) Math.min(left, length);
            out.write(bytes, offset, sent);
            out.flush();
            left -= sent;
            if (sent < length && silent) {
                silences.addAndGet(gone ? 0 : 1);
                gone = true;
            } else if (sent < length) {
                cuts.incrementAndGet();
                throw new IOException("cut");
            }
        }
    }
}
