package dev.evenkeel.lb.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The process whose connections {@link CheckCost} opens: it takes each and closes it when the other side has. */
final class CheckCostServer {
    private static final int BACKLOG = 4_096;

    private CheckCostServer() {}

    /**
     * Prints its port and serves on it until it is killed.
     *
     * @param args none
     * @throws IOException if there is no port
     */
    public static void main(String[] args) throws IOException {
        try (ServerSocket server = new ServerSocket()) {
            // Every address of the loopback network.
            server.bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0), BACKLOG);
            System.out.println(server.getLocalPort());
            while (!server.isClosed()) {
                server.accept().close();
            }
        }
    }
}
