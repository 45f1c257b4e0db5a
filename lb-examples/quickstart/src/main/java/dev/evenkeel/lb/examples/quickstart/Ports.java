package dev.evenkeel.lb.examples.quickstart;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback interface that stay ours while no server listens. They lie below the ports that systems give to outgoing
 * connections: otherwise a client that keeps knocking at a closed port may be given that very port, and talk to itself.
 */
final class Ports {
    private static final int FIRST = 20_000;
    private static final int LAST = 29_999;
    private static final int ATTEMPTS = 100;
    private static final int BACKLOG = 1_000;

    private Ports() {}

    static ServerSocket listenAnywhere() throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        for (int attempt = 1; ; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            try {
                return listen(new InetSocketAddress(loopback, port));
            } catch (BindException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    static ServerSocket listen(InetSocketAddress address) throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(address, BACKLOG);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }
}
