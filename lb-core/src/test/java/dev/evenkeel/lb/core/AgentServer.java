package dev.evenkeel.lb.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A real agent on a port of its own: to each connection it says what the test has set, and closes. */
public final class AgentServer implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile Conversation conversation;

    /** What happens on one connection. */
    public interface Conversation {
        void hold(Socket socket) throws IOException;
    }

    public AgentServer(String line) {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        says(line);
        thread = new Thread(this::serve, "test-agent");
        thread.setDaemon(true);
        thread.start();
    }

    public int port() {
        return server.getLocalPort();
    }

    public void says(String line) {
        holds(socket -> socket.getOutputStream().write(line.getBytes(StandardCharsets.ISO_8859_1)));
    }

    public void holds(Conversation other) {
        conversation = other;
    }

    /** Accepts, and says nothing more. */
    public void hangs() {
        holds(socket -> {
            open.add(socket);
            int unused = socket.getInputStream().read();
        });
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                conversation.hold(socket);
            } catch (IOException e) {
                // The client, or the test, has closed.
            }
        }
    }

    /** Once it returns, nothing more is said, on connections accepted before neither. */
    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
