package dev.evenkeel.lb.okhttp;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server made of nothing but sockets, so that it can die as a machine does: with a reset, whatever was under way. */
public final class RawServer implements AutoCloseable {
    private final ServerSocket listener;
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile boolean dead;

    /** The head of a request; its body has been read, unless the client waits for a 100 to send it. */
    public record Head(String method, String target, Map<String, String> headers) {}

    /** Answers one request; throws to drop the connection. */
    public interface Handler {
        void answer(Head head, OutputStream out) throws IOException;
    }

    /** Thrown by a handler to reset the connection. */
    public static final class Reset extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** What makes a server slow. */
    public interface Pause {
        void await() throws IOException;
    }

    private RawServer(int port, Handler handler) throws IOException {
        this.handler = handler;
        this.listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        threads.execute(this::accept);
    }

    public static RawServer start(Handler handler) throws IOException {
        return start(0, handler);
    }

    public static RawServer start(int port, Handler handler) throws IOException {
        return new RawServer(port, handler);
    }

    /** Writes a whole answer of text. */
    public static void write(OutputStream out, int code, String body) throws IOException {
        out.write(("HTTP/1.1 " + code + " -\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII));
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String uri() {
        return "http://127.0.0.1:" + port();
    }

    private void accept() {
        while (!dead) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                open.add(client);
                if (dead) {
                    reset(client);
                }
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new BufferedOutputStream(client.getOutputStream());
            for (String requestLine = line(in); !requestLine.isEmpty(); requestLine = line(in)) {
                Head head = head(requestLine, in);
                if (!head.headers.containsKey("expect")) {
                    in.skipNBytes(Long.parseLong(head.headers.getOrDefault("content-length", "0")));
                }
                handler.answer(head, out);
                out.flush();
            }
        } catch (Reset e) {
            reset(client);
        } catch (IOException e) {
            // One side has gone, as sides do.
        } finally {
            open.remove(client);
            closeQuietly(client);
        }
    }

    private static Head head(String requestLine, InputStream in) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).trim());
        }
        String[] words = requestLine.split(" ");
        return new Head(words[0], words[1], headers);
    }

    /** Empty at the end of the stream, too. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** Dies: nothing listens any more, and every connection is reset. */
    public void kill() throws IOException {
        dead = true;
        listener.close();
        for (Socket client : open) {
            reset(client);
        }
    }

    public static void reset(Socket client) {
        try {
            client.setSoLinger(true, 0);
            client.close();
        } catch (IOException e) {
            // It is closed already.
        }
    }

    public static void closeQuietly(Socket client) {
        try {
            client.close();
        } catch (IOException e) {
            // It is gone anyway.
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        threads.shutdownNow();
    }
}
