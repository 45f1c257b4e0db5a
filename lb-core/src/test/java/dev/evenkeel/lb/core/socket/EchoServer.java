package dev.evenkeel.lb.core.socket;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Greets with its name, then echoes; or closes without a word. */
final class EchoServer implements AutoCloseable {
    final String name;
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket server;
    private final Thread accepting;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean rude;

    EchoServer(String name) throws IOException {
        this.name = name;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.accepting = new Thread(this::accept, name);
        accepting.setDaemon(true);
        accepting.start();
    }

    int port() {
        return server.getLocalPort();
    }

    /** Hangs up on whoever comes from now on. */
    void hangUp() {
        rude = true;
    }

    /** Dies: resets what is open and refuses what comes. */
    void kill() throws IOException {
        server.close();
        try {
            // Until it has returned from the kernel, the port accepts.
            accepting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (SocketException e) {
                // It has ended by itself in between.
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread thread = new Thread(() -> serve(socket), name + "-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            if (rude) {
                return;
            }
            socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            for (int value = in.read(); value >= 0; value = in.read()) {
                socket.getOutputStream().write(value);
            }
        } catch (SocketException e) {
            // Reset, by either side.
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
