package dev.evenkeel.lb.okhttp.health;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Answers every connection with a body of 1 GB, as long as the other side reads. */
final class EndlessServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    EndlessServer() throws IOException {
        Thread thread = new Thread(this::serve, "endless-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                byte[] chunk = new byte[8_192];
                while (true) {
                    out.write(chunk);
                }
            } catch (IOException e) {
                // The client has gone, or the server is closed.
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
