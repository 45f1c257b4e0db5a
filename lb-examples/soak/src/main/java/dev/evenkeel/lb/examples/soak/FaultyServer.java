package dev.evenkeel.lb.examples.soak;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/** An HTTP/1.1 server on loopback, of which six requests in a hundred come to harm. */
final class FaultyServer implements AutoCloseable {
    /** The header that numbers a call. */
    static final String NUMBER = "Number";

    private static final String BODY = "0123456789".repeat(60);
    private static final long STALL_NANOS = 20_000_000;

    private final ServerSocket listener;
    private final IntConsumer processed;
    private final long seed;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "faulty-server");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Starts a server.
     *
     * @param seed of its faults, which follow from the number of a call
     * @param processed is told the number of each request that has come whole
     */
    FaultyServer(long seed, IntConsumer processed) throws IOException {
        this.seed = seed;
        this.processed = processed;
        this.listener = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    String uri() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    String id() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** How many connections are open. */
    int connections() {
        return open.size();
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
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new BufferedOutputStream(client.getOutputStream());
            boolean goesOn = true;
            while (goesOn && !line(in).isEmpty()) {
                int number = readRest(in);
                processed.accept(number);
                goesOn = answer(client, out, number);
                out.flush();
            }
        } catch (IOException e) {
            // The client has gone, or is to be left.
        } finally {
            try {
                client.close();
            } catch (IOException e) {
                // It is gone anyway.
            }
            open.remove(client);
        }
    }

    /** Reads headers and body; the number of the call. */
    private static int readRest(InputStream in) throws IOException {
        int number = 0;
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("number:")) {
                number = Integer.parseInt(header.substring(7).strip());
            } else if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        in.skipNBytes(length);
        return number;
    }

    /** Whether the connection may be used again. */
    private boolean answer(Socket client, OutputStream out, int number) throws IOException {
        int dice = new Random(seed * 31 + number).nextInt(1_000);
        if (dice < 10) {
            write(out, 503, BODY.length(), "");
        } else if (dice < 15) {
            write(out, 500, BODY.length(), "");
        } else if (dice < 20) {
            write(out, 429, BODY.length(), "");
        } else if (dice < 30) {
            client.setSoLinger(true, 0);
            return false;
        } else if (dice < 40) {
            write(out, 200, BODY.length() + 1, "");
            return false;
        } else if (dice < 45) {
            LockSupport.parkNanos(STALL_NANOS);
            write(out, 200, BODY.length(), "");
        } else if (dice < 60) {
            write(out, 200, BODY.length(), "Connection: close\r\n");
            return false;
        } else {
            write(out, 200, BODY.length(), "");
        }
        return true;
    }

    private static void write(OutputStream out, int status, int length, String header) throws IOException {
        String head = "HTTP/1.1 " + status + " -\r\n" + header + "Content-Length: " + length + "\r\n\r\n";
        out.write((head + BODY).getBytes(StandardCharsets.US_ASCII));
        out.flush();
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

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket client : open) {
            client.close();
        }
        threads.shutdownNow();
    }
}
