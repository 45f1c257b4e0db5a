package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.okhttp.UnconnectedSocketFactory;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Knows which of a client's sockets are open. */
public final class OpenSockets extends UnconnectedSocketFactory {
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    /** How many. */
    public long open() {
        return sockets.stream().filter(socket -> !socket.isClosed()).count();
    }

    @Override
    public Socket createSocket() {
        Socket socket = new Socket();
        sockets.add(socket);
        return socket;
    }
}
